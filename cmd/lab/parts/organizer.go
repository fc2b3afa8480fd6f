package parts

import (
	"context"
	"fmt"
	"net/http"
)

// OrganizerSpec says what a new organizer has. The zero value gives a random slug, the events "conf" (a conference) and
// "series" (two dates), and the teams "admin", "minimal" and "readonly".
type OrganizerSpec struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	// Events replace the two that there are by default.
	Events []EventSpec `json:"events"`
	// Teams come beside the three that there are always.
	Teams []TeamSpec `json:"teams"`
	// OAuthRedirect makes an OAuth client with that redirect address, unless it is empty.
	OAuthRedirect string `json:"oauth_redirect,omitempty"`
}

// EventSpec is an event to be made, with the products and questions that all events of the lab have.
type EventSpec struct {
	Slug      string `json:"slug"`
	Name      string `json:"name"`
	German    string `json:"german"`
	Subevents int    `json:"subevents"`
	Testmode  bool   `json:"testmode"`
	// Offline leaves the shop closed.
	Offline bool `json:"offline"`
}

// TeamSpec is a team to be made, with one API token.
type TeamSpec struct {
	Name string `json:"name"`
	// Everything gives all permissions, and adds the organizer's user to the team.
	Everything bool `json:"everything"`
	// EventPermissions and OrganizerPermissions are Pretix's names, like "event.orders:read".
	EventPermissions     []string `json:"event_permissions"`
	OrganizerPermissions []string `json:"organizer_permissions"`
	// Events limits the team to events of these slugs; none means all.
	Events []string `json:"events"`
}

// Organizer is an organizer of the lab's Pretix, and the keys to it.
type Organizer struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	// Email and Password are those of a user who may do everything, in the backend too.
	Email    string `json:"email"`
	Password string `json:"password"`
	// Tokens are the API tokens by team: "admin" may do everything, "minimal" read orders and manage webhooks, "readonly" read
	// orders.
	Tokens map[string]string `json:"tokens"`
	Teams  map[string]Team   `json:"teams"`
	Events map[string]*Event `json:"events"`
	OAuth  *OAuthClient      `json:"oauth"`

	pretix *Pretix
}

// Team is a team as Pretix numbers it.
type Team struct {
	ID      int64  `json:"id"`
	TokenID int64  `json:"token_id"`
	Token   string `json:"token"`
}

// OAuthClient is what an application needs to ask for an organizer's consent.
type OAuthClient struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RedirectURI  string `json:"redirect_uri"`
}

// Event is an event with its products and questions, as Pretix numbers them.
type Event struct {
	Organizer string `json:"organizer"`
	Slug      string `json:"slug"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	Token     string `json:"token"`
	Items     struct {
		// Ticket has variations, Approval waits for the organizer's yes, Workshop can be added to Ticket.
		Ticket   int64 `json:"ticket"`
		Online   int64 `json:"online"`
		Free     int64 `json:"free"`
		Approval int64 `json:"approval"`
		Workshop int64 `json:"workshop"`
	} `json:"items"`
	Variations struct {
		Regular int64 `json:"regular"`
		Student int64 `json:"student"`
	} `json:"variations"`
	Questions struct {
		Matrix int64 `json:"matrix"`
		Diet   int64 `json:"diet"`
	} `json:"questions"`
	Subevents []int64 `json:"subevents"`

	pretix *Pretix
}

// NewOrganizer makes an organizer whom nobody else knows.
func (p *Pretix) NewOrganizer(ctx context.Context, spec OrganizerSpec) (*Organizer, error) {
	if spec.Slug == "" {
		spec.Slug = Unique("org")
	}
	if spec.Name == "" {
		spec.Name = "Organizer " + spec.Slug
	}
	if spec.Events == nil {
		spec.Events = []EventSpec{{Slug: "conf"}, {Slug: "series", Subevents: 2}}
	}
	spec.Events = append([]EventSpec{}, spec.Events...)
	for i := range spec.Events {
		spec.Events[i] = spec.Events[i].named()
	}
	spec.Teams = append([]TeamSpec{
		{Name: "admin", Everything: true},
		{Name: "minimal", EventPermissions: []string{"event.orders:read"}, OrganizerPermissions: []string{"organizer.settings.general:write"}},
		{Name: "readonly", EventPermissions: []string{"event.orders:read"}},
	}, spec.Teams...)
	org := &Organizer{}
	if err := p.operate(ctx, "organizer", spec, org); err != nil {
		return nil, fmt.Errorf("make organizer %s: %w", spec.Slug, err)
	}
	p.Adopt(org)
	return org, nil
}

// named fills in the names that were left open.
func (e EventSpec) named() EventSpec {
	if e.Name != "" {
		if e.German == "" {
			e.German = e.Name
		}
		return e
	}
	e.Name, e.German = "Lab conference "+e.Slug, "Laborkonferenz "+e.Slug
	if e.Subevents > 0 {
		e.Name, e.German = "Lab series "+e.Slug, "Laborreihe "+e.Slug
	}
	return e
}

// Adopt makes an organizer that was read from JSON usable.
func (p *Pretix) Adopt(org *Organizer) {
	org.pretix = p
	for _, e := range org.Events {
		e.pretix = p
		e.URL = fmt.Sprintf("%s/%s/%s/", p.URL, e.Organizer, e.Slug)
	}
}

// API asks Pretix's REST API with a token. The path is below /api/v1/. The answer is decoded into the value that into points to,
// unless that is nil. A refusal is an [*HTTPError].
func (p *Pretix) API(ctx context.Context, apiToken, method, path string, body, into any) error {
	header := http.Header{"Authorization": {"Token " + apiToken}}
	return call(ctx, method, p.URL+"/api/v1/"+path, header, body, into)
}

// API asks Pretix's REST API as the organizer's admin, with a path below the organizer's.
func (o *Organizer) API(ctx context.Context, method, path string, body, into any) error {
	return o.pretix.API(ctx, o.Tokens["admin"], method, "organizers/"+o.Slug+"/"+path, body, into)
}

// API asks Pretix's REST API as the organizer's admin, with a path below the event's.
func (e *Event) API(ctx context.Context, method, path string, body, into any) error {
	return e.pretix.API(ctx, e.Token, method, "organizers/"+e.Organizer+"/events/"+e.Slug+"/"+path, body, into)
}
