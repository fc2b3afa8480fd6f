package replies

import (
	"strings"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

func TestAnOrderThatWasNotLookedAtIsNotSaidToBeEmpty(t *testing.T) {
	const empty = "has no ticket"
	if got := OrderInvited(InvitedOrder{Code: "ABC12"}); !strings.Contains(got, empty) {
		t.Errorf("an order without tickets: %s", got)
	}
	got := OrderInvited(InvitedOrder{Code: "ABC12", Waits: true, Hindrance: HindranceScan})
	if strings.Contains(got, empty) || !strings.Contains(got, "still reading") {
		t.Errorf("an order that waits: %s", got)
	}
}

// TestAnOrderSaysWhatItLacksAndWhatToDo has what once was all answered alike, and an order of which each position has a reason of its own.
func TestAnOrderSaysWhatItLacksAndWhatToDo(t *testing.T) {
	lacks := func(lack pretixconn.Lack) InvitedOrder { return InvitedOrder{Lack: lack} }
	ticket := func(product string, problem pretixconn.Problem) Unserved {
		return Unserved{Product: product, Problem: problem}
	}
	joined := database.Invite{Room: hall, State: database.InviteJoined}
	for claim, tc := range map[string]struct {
		looked InvitedOrder
		want   []string
		not    string
	}{
		"test":     {lacks(pretixconn.LackReal), []string{"it is a test order", "order once more"}, "\n"},
		"unpaid":   {lacks(pretixconn.LackPayment), []string{"it is not paid yet", "marked as paid", "by myself"}, "\n"},
		"approval": {lacks(pretixconn.LackApproval), []string{"waits for approval", "Approve it in Pretix"}, "\n"},
		"expired":  {lacks(pretixconn.LackTime), []string{"expired", "Extend it"}, "\n"},
		"canceled": {lacks(pretixconn.LackOrder), []string{"was cancelled", "reactivate it"}, "\n"},
		"canceled, and not looked at": {InvitedOrder{Lack: pretixconn.LackOrder, Waits: true, Hindrance: HindranceLogin},
			[]string{"was cancelled"}, "could not look"},
		"no ID":       {InvitedOrder{Unserved: []Unserved{ticket("Seat", pretixconn.ProblemMissing)}}, []string{": no Matrix ID was given; it can be added"}, "Seat"},
		"twice no ID": {InvitedOrder{Unserved: []Unserved{ticket("Seat", pretixconn.ProblemMissing), ticket("Stream", pretixconn.ProblemMissing)}}, []string{"no Matrix ID was given"}, "Seat"},
		"an e-mail":   {InvitedOrder{Unserved: []Unserved{ticket("Seat", pretixconn.ProblemEmail)}}, []string{"an e-mail address was given instead"}, "Seat"},
		"several IDs": {InvitedOrder{Unserved: []Unserved{ticket("Seat", pretixconn.ProblemSeveral)}}, []string{"more than one Matrix ID"}, "is no Matrix ID"},
		"never asked": {InvitedOrder{Unserved: []Unserved{{Product: "Shirt", Lack: pretixconn.LackQuestion}}}, []string{"not asked for a Matrix ID", "*Products → Questions*"}, "no linked room"},
		"no room":     {InvitedOrder{Unserved: []Unserved{{Product: "Stream"}}}, []string{"no linked room opens to it", "`!setroom <event> <room> <product>`"}, "Stream"},
		"of each kind": {InvitedOrder{Invites: []database.Invite{joined}, Unserved: []Unserved{{Product: "Seat", Lack: pretixconn.LackPosition}, ticket("Stream", pretixconn.ProblemEmail)}},
			[]string{": in the room\n- **Seat**: it was cancelled", "\n- **Stream**: an e-mail address"}, "has no ticket"},
		"blocked, and one whose time is over": {InvitedOrder{Unserved: []Unserved{{Product: "Seat", Lack: pretixconn.LackRelease}, {Product: "Stream", Lack: pretixconn.LackValidity}}},
			[]string{"\n- **Seat**: it is blocked", "\n- **Stream**: its time is over"}, "has no ticket"},
	} {
		tc.looked.Code = "ABC12"
		got := OrderInvited(tc.looked)
		for _, words := range append(tc.want, "Order `ABC12`:") {
			if !strings.Contains(got, words) {
				t.Errorf("%s is said without %q: %s", claim, words, got)
			}
		}
		if strings.Contains(got, tc.not) || strings.Contains(got, "..") {
			t.Errorf("%s is said with %q: %s", claim, tc.not, got)
		}
	}
}

// TestAnInvitationThatStoodIsNotSaidToBeNew has one sent before the command, one sent by it in the same millisecond, and one whose sending we have not
// noted: somebody else sent it.
func TestAnInvitationThatStoodIsNotSaidToBeNew(t *testing.T) {
	since := noon.Add(300 * time.Microsecond)
	for claim, tc := range map[string]struct {
		state database.InviteState
		asked time.Time
		want  string
	}{
		"sent before":       {database.InviteInvited, noon.Add(-time.Minute), "was invited already, and has not answered"},
		"sent now":          {database.InviteInvited, noon.Add(time.Second), "invited now"},
		"sent at once":      {database.InviteInvited, noon, "invited now"},
		"sent by a person":  {database.InviteInvited, time.Time{}, "was invited already"},
		"in, asked before":  {database.InviteJoined, noon.Add(-time.Hour), "in the room"},
		"in, and asked now": {database.InviteJoined, noon.Add(time.Second), "in the room"},
	} {
		looked := InvitedOrder{Code: "ABC12", Since: since, Invites: []database.Invite{{Room: hall, State: tc.state, AskedAt: tc.asked}}}
		if got := OrderInvited(looked); !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q, want %q", claim, got, tc.want)
		}
	}
}
