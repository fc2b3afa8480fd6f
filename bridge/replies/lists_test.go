package replies

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// many makes hundreds.
func many[T any](one func(i int) T) []T {
	all := make([]T, 500)
	for i := range all {
		all[i] = one(i)
	}
	return all
}

// TestListsEndWhereNobodyReadsOn has an organizer who has hundreds of everything, with names as long as may be.
func TestListsEndWhereNobodyReadsOn(t *testing.T) {
	name := strings.Repeat("<&\"*>", 50)
	keys := many(func(i int) database.EventKey {
		return database.EventKey{Instance: "eu", Organizer: "acme", Event: fmt.Sprint("e", i)}
	})
	events := many(func(i int) NamedEvent { return NamedEvent{Key: keys[i], Name: name} })
	choices := many(func(i int) typed.Choice { return typed.Choice{ID: int64(i), Names: []string{name}} })
	questions := many(func(i int) api.Question {
		return api.Question{ID: int64(i), Question: api.Text{"en": name}, PerOrder: true}
	})
	rules := many(func(int) string { return name })
	rooms := many(func(i int) id.RoomID { return id.RoomID(fmt.Sprintf("!%d:example.org", i)) })
	links := many(func(i int) ShownLink {
		return ShownLink{Event: evilOne, Link: database.Link{Event: evil, Room: rooms[i], State: database.LinkSuspended, Reason: database.LinkNoPower}, Rules: rules}
	})
	statuses := many(func(i int) RoomStatus { return RoomStatus{ShownLink: links[i]} })
	failures := many(func(int) Failure {
		return Failure{Failure: database.Failure{Code: "ABC12", Problem: "invalid"}, Product: name}
	})
	skipped := many(func(i int) authority.Target {
		return authority.Target{Room: rooms[i], Missing: []authority.Missing{{Kind: authority.SenderInvite, Room: rooms[i], Needs: 50}}}
	})
	missing := many(func(i int) authority.Missing { return skipped[i].Missing[0] })
	logins := many(func(int) pretixconn.Login { return pretixconn.Login{Name: name, Events: keys} })
	found := pretixconn.Found{Choices: questions, Unusable: questions}
	step := &bridgev2.LoginStep{StepID: pretixconn.StepInstance}
	instances := many(func(i int) pretixconn.Instance {
		return pretixconn.Instance{URL: &url.URL{Host: fmt.Sprintf("%d.example.org", i)}}
	})
	for claim, reply := range map[string]string{
		"which event":    WhichEvent(events),
		"which item":     WhichItem(name, choices),
		"unknown item":   UnknownItem(name, choices),
		"question":       questionLine(Checklist{Question: AskedFor{Found: found}}),
		"no question":    NoSuchQuestion(typed.ErrNoQuestion, name, found),
		"links":          Links(links, "!pretix"),
		"status":         Status(EventStatus{Event: evilOne, Whole: true, Rooms: statuses, Failures: failures, Now: noon}),
		"batch":          Batch(BatchProgress{Rooms: 1, Done: true, Skipped: skipped}),
		"order":          OrderInvited(InvitedOrder{Code: "ABC12", Skipped: skipped, Invites: many(func(i int) database.Invite { return database.Invite{Room: rooms[i]} })}),
		"refused":        Refused(authority.Decision{Missing: missing}),
		"refused either": Refused(authority.Decision{Missing: missing, Either: true}),
		"report":         Report(evilOne, failures, 7, noon),
		"test order":     TestOrder(evilOne, inviter.TestOrder{Code: "ABC12", Rooms: rooms}),
		"logins":         Logins(logins),
		"connected":      Connected(logins[0]),
		"logged out":     LoggedOut(pretixconn.LoggedOut{Login: logins[0], Given: keys}),
		"which server":   LoginStep(step, instances),
		"controls":       commandedFrom(rooms),
		"followed":       ControlFollowed(many(func(i int) database.Control { return database.Control{Event: keys[i]} })),
	} {
		if !strings.Contains(reply, " more") {
			t.Errorf("%s does not say that there are more: %.300s", claim, reply)
		}
		if n := strings.Count(reply, "\n"); n > 3*ListedMost {
			t.Errorf("%s has %d lines", claim, n)
		}
		if said := Fit(reply); !homeserver.Fits(said) {
			t.Errorf("%s does not fit into a message: %d bytes", claim, len(said))
		}
	}
}

func TestWhatIsTooLongIsCutWhereALineEnds(t *testing.T) {
	if got := Fit("short"); got != "short" {
		t.Errorf("got %q", got)
	}
	for claim, text := range map[string]string{
		"lines":    strings.Repeat("- `ABC12` a product: a reason\n", 10000),
		"one line": strings.Repeat("ä", 200000),
		"markup":   strings.Repeat(homeserver.Escape(`"<&>"`, 80), 50000),
	} {
		got := Fit(text)
		if !homeserver.Fits(got) || !strings.HasSuffix(got, cut) || len(got) < 2000 {
			t.Errorf("%s: got %d bytes that end in %q", claim, len(got), got[max(0, len(got)-80):])
		}
		if claim == "lines" && !strings.HasSuffix(got, "a reason"+cut) {
			t.Errorf("%s: not cut where a line ends: %q", claim, got[max(0, len(got)-80):])
		}
	}
}
