package api

import "time"

// Organizer is an account at Pretix that holds events.
type Organizer struct {
	Slug      string `json:"slug"`
	Name      string `json:"name"`
	PublicURL string `json:"public_url"`
}

// Event is a Pretix event, or an event series where HasSubevents says so.
type Event struct {
	Slug         string    `json:"slug"`
	Name         Text      `json:"name"`
	PublicURL    string    `json:"public_url"`
	Live         bool      `json:"live"`
	Testmode     bool      `json:"testmode"`
	HasSubevents bool      `json:"has_subevents"`
	DateFrom     time.Time `json:"date_from"`
	DateTo       time.Time `json:"date_to"`
	Timezone     string    `json:"timezone"`
}

// Item is a product of an event.
type Item struct {
	ID           int64       `json:"id"`
	Name         Text        `json:"name"`
	InternalName string      `json:"internal_name"`
	Active       bool        `json:"active"`
	Variations   []Variation `json:"variations"`
	Category     int64       `json:"category"`
	AddOns       []AddOn     `json:"addons"`
	Bundles      []Bundle    `json:"bundles"`
}

// AddOn is a category of items that can be added to an item.
type AddOn struct {
	Category int64 `json:"addon_category"`
}

// Bundle is an item that comes with an item. In an order it is added to that one's position, like an add-on.
type Bundle struct {
	Item int64 `json:"bundled_item"`
}

// Variation is one of the kinds in which an item is sold.
type Variation struct {
	ID     int64 `json:"id"`
	Value  Text  `json:"value"`
	Active bool  `json:"active"`
}

// Subevent is one date of an event series.
type Subevent struct {
	ID       int64     `json:"id"`
	Name     Text      `json:"name"`
	Active   bool      `json:"active"`
	DateFrom time.Time `json:"date_from"`
	DateTo   time.Time `json:"date_to"`
}

// Types of question whose answer is text that somebody typed.
const (
	QuestionLine = "S" // one line
	QuestionText = "T" // several lines
)

// Question is something that Pretix asks of buyers.
type Question struct {
	ID         int64   `json:"id"`
	Identifier string  `json:"identifier"`
	Question   Text    `json:"question"`
	HelpText   Text    `json:"help_text"`
	Type       string  `json:"type"`
	Items      []int64 `json:"items"`
	PerOrder   bool    `json:"-"` // asked once per order: its answers are not in the API
}

// Order is what of an order decides about invitations. It holds no name, no address and no secret.
type Order struct {
	Event           string     `json:"event"`
	Code            string     `json:"code"`
	Status          string     `json:"status"`
	Testmode        bool       `json:"testmode"`
	RequireApproval bool       `json:"require_approval"`
	ValidIfPending  bool       `json:"valid_if_pending"`
	LastModified    time.Time  `json:"last_modified"`
	Positions       []Position `json:"positions"`
}

// The states of an order: its tickets may count in the first two. It may also be canceled.
const (
	StatusPending = "n"
	StatusPaid    = "p"
	StatusExpired = "e"
)

// Position is one thing bought in an order. Where Pretix says null, zero stands here.
type Position struct {
	ID         int64     `json:"id"`
	Item       int64     `json:"item"`
	Variation  int64     `json:"variation"`
	Subevent   int64     `json:"subevent"`
	AddonTo    int64     `json:"addon_to"` // the ID of the position that this one is an add-on of
	Canceled   bool      `json:"canceled"`
	Blocked    bool      `json:"blocked"`
	ValidFrom  time.Time `json:"valid_from"`
	ValidUntil time.Time `json:"valid_until"`
	Answers    []Answer  `json:"answers"`
}

// Answer is what was typed for one of the questions that the reader asked about; others never leave the decoder.
type Answer struct {
	Question           int64  `json:"question"`
	QuestionIdentifier string `json:"question_identifier"`
	Answer             string `json:"answer"`
}

// QuestionRef names a question of an event: by its ID, and by the identifier that outlives its being deleted and made anew.
type QuestionRef struct {
	ID         int64
	Identifier string
}

func (q QuestionRef) asked(a Answer) bool {
	return a.Question == q.ID || q.Identifier != "" && a.QuestionIdentifier == q.Identifier
}

// Webhook is a target that Pretix tells about changes of an organizer's events.
type Webhook struct {
	ID          int64    `json:"id"`
	Enabled     bool     `json:"enabled"`
	TargetURL   string   `json:"target_url"`
	AllEvents   bool     `json:"all_events"`
	LimitEvents []string `json:"limit_events"`
	ActionTypes []string `json:"action_types"`
	Comment     string   `json:"comment"`
}
