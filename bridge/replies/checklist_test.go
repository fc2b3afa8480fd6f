package replies

import (
	"errors"
	"strings"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// TestChecklistSaysOfTicketsWhatStandsInTheRows has tickets sold before a room was linked, and what became of their holders.
func TestChecklistSaysOfTicketsWhatStandsInTheRows(t *testing.T) {
	in := func(states ...database.InviteState) (counts []database.InviteCount) {
		for _, state := range states {
			counts = append(counts, database.InviteCount{State: state, Count: 1})
		}
		return counts
	}
	for _, tc := range []struct {
		name            string
		tickets, blanks int
		invites         []database.InviteCount
		want, never     string
	}{
		{"one held", 1, 0, in(database.InviteHeld), "1 ticket matches already. They are not invited by this: `!batchinvite` does that.", "were asked"},
		{"some asked", 3, 0, in(database.InviteHeld, database.InviteInvited, database.InviteGone), "3 tickets match; 1 person was not asked yet.", "all whom"},
		{"all asked", 2, 0, in(database.InviteInvited, database.InviteJoined), "✅ 2 tickets match, and all whom they name were asked.", "no Matrix ID"},
		{"none has an ID", 200, 200, nil, "200 of them name no Matrix ID, so that nobody can be invited by them. It can be added to the order", "asked"},
		{"one has none", 3, 1, in(database.InviteInvited, database.InviteInvited), "1 of them names no Matrix ID", "❌"},
		{"in hand", 3, 0, in(database.InviteInvited, database.InviteDue, database.InviteFailed), "1 person was asked, 1 about to be, 1 cannot be.", "✅"},
		{"none sold", 0, 0, nil, "✅ No ticket sold so far opens the room.", "asked"},
	} {
		list := Checklist{Matching: database.MatchingCount{Tickets: tc.tickets, Unnamed: tc.blanks}, Invites: tc.invites, Question: AskedFor{Known: true}}
		got := matchingLine(list)
		if !strings.Contains(got, tc.want) || strings.Contains(got, tc.never) {
			t.Errorf("%s: want %q and never %q: %s", tc.name, tc.want, tc.never, got)
		}
	}
}

// TestWhatFailsCostsItsOwnLineOfTheChecklist has a link that stands while Pretix does not answer.
func TestWhatFailsCostsItsOwnLineOfTheChecklist(t *testing.T) {
	list := Checklist{
		Event: evilOne, Room: hall, Bot: BotStanding{Joined: true, CanInvite: true}, Every: time.Minute,
		ShopErr: api.ErrUnavailable, Unread: errors.New("disk full of secrets"), HookErr: api.ErrForbidden,
	}
	text := Linked(list, LinkMade, true)
	for _, want := range []string{"is linked", "may invite", "could not see whether the shop is live", "could not read which question", "could not see whether Pretix tells me",
		"`!setroom acme/conf " + string(hall) + "`"} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %q in %s", want, text)
		}
	}
	if strings.Contains(text, "secrets") || strings.Contains(text, "try again; if") {
		t.Errorf("said as if nothing had been done: %s", text)
	}
}

// TestWebhookThatWorksIsNotAskedForAgain has one that somebody entered by hand, which no login may see.
func TestWebhookThatWorksIsNotAskedForAgain(t *testing.T) {
	list := Checklist{
		Event: evilOne, Room: hall, Every: time.Minute, Now: noon, Private: true,
		Webhook: pretixconn.WebhookReport{State: pretixconn.WebhookManual, Target: "https://bridge.example.org/secret"},
	}
	for name, tc := range map[string]struct {
		heard time.Time
		want  bool
	}{"never": {time.Time{}, true}, "a minute ago": {noon.Add(-time.Minute), false}, "last week": {noon.Add(-7 * 24 * time.Hour), true}} {
		list.Heard = tc.heard
		if got := webhookLine(list); strings.Contains(got, list.Webhook.Target) != tc.want {
			t.Errorf("heard %s: asked for %v, want %v: %s", name, !tc.want, tc.want, got)
		}
	}
	list.Heard, list.Private = time.Time{}, false
	if got := webhookLine(list); strings.Contains(got, list.Webhook.Target) || !strings.Contains(got, "`!setroom acme/conf "+string(hall)+"`") {
		t.Errorf("where others listen: %s", got)
	}
}

// TestTheQuestionThatIsNotAskedForAProductIsNoTick has products that open the room, of which one is not asked.
func TestTheQuestionThatIsNotAskedForAProductIsNoTick(t *testing.T) {
	list := Checklist{
		Event: evilOne, Room: hall, Question: AskedFor{Known: true, Question: api.Question{Question: api.Text{"en": "Your Matrix ID"}}},
		Products: []api.Item{{ID: 1, Name: api.Text{"en": "Workshop"}}},
	}
	for claim, tc := range map[string]struct {
		covered pretixconn.Coverage
		want    []string
	}{
		"asked":             {pretixconn.Coverage{}, []string{"✅ The question **Your Matrix ID** asks for the Matrix ID."}},
		"a product is not":  {pretixconn.Coverage{Unasked: []int64{1}}, []string{"⚠️", "but not for **Workshop**", "*Products → Questions*", "tick it, too"}},
		"bought with a one": {pretixconn.Coverage{Added: []int64{1}}, []string{"✅", "For **Workshop** I take the answer of the ticket"}},
		"nothing is":        {pretixconn.Coverage{Nothing: true}, []string{"⚠️", "no product that is sold", "tick your tickets"}},
	} {
		list.Coverage = tc.covered
		got := questionLine(list)
		for _, words := range tc.want {
			if !strings.Contains(got, words) {
				t.Errorf("%s is said without %q: %s", claim, words, got)
			}
		}
		if strings.Contains(got, "✅") == strings.Contains(got, "⚠️") {
			t.Errorf("%s has a tick and a warning, or neither: %s", claim, got)
		}
	}
}
