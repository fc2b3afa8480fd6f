package inviter

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

func TestTicketOpensTheRoomsWhoseRulesItMeets(t *testing.T) {
	links := []database.Link{
		{Room: "!all:x"},
		{Room: "!item:x", State: database.LinkSuspended, Rules: []database.Rule{{Item: 1}}},
		{Room: "!several:x", Rules: []database.Rule{{Item: 1, Variation: 5}, {Item: 2}}},
		{Room: "!date:x", Rules: []database.Rule{{Subevent: 9}}},
	}
	for name, test := range map[string]struct {
		ticket pretixconn.Ticket
		want   []id.RoomID
	}{
		"item":               {pretixconn.Ticket{Item: 1}, []id.RoomID{"!all:x", "!item:x"}},
		"item and variation": {pretixconn.Ticket{Item: 1, Variation: 5}, []id.RoomID{"!all:x", "!item:x", "!several:x"}},
		"another variation":  {pretixconn.Ticket{Item: 1, Variation: 6}, []id.RoomID{"!all:x", "!item:x"}},
		"second rule":        {pretixconn.Ticket{Item: 2, Variation: 5}, []id.RoomID{"!all:x", "!several:x"}},
		"date":               {pretixconn.Ticket{Item: 3, Subevent: 9}, []id.RoomID{"!all:x", "!date:x"}},
	} {
		if got := roomsFor(test.ticket, links); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if got := roomsFor(pretixconn.Ticket{Item: 7}, links[1:]); got != nil {
		t.Errorf("a ticket that meets no rule opens %v", got)
	}
}

func TestReasonNamesTheEventAndCannotDeceive(t *testing.T) {
	for name, want := range map[string]string{
		"Conf":                        "You hold a ticket for Conf, which opens this room.",
		" a\nb\t c ":                  "You hold a ticket for a b c, which opens this room.",
		"Conf\u202egnp.\u2066x\x00\a": "You hold a ticket for Confgnp.x, which opens this room.",
		"":                            "You hold a ticket that opens this room.",
		"\u200b \u202e":               "You hold a ticket that opens this room.",
	} {
		if got := inviteReason(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got := []rune(plainLine(strings.Repeat("é", 500))); len(got) != longestName {
		t.Errorf("a long name has %d characters, want %d", len(got), longestName)
	}
}

func TestPagesAreReadWhereTheyAreFewer(t *testing.T) {
	for _, test := range []struct {
		due, tickets int
		want         bool
	}{{20, 20, false}, {21, 30, true}, {21, 5000, false}, {100, 5000, false}, {101, 5000, true}, {5000, 0, true}} {
		if got := pagesPay(test.due, test.tickets); got != test.want {
			t.Errorf("%d due of %d: got %v, want %v", test.due, test.tickets, got, test.want)
		}
	}
}

func TestLookIsWidenedWhileFreshOrdersHideTheBatches(t *testing.T) {
	fresh, batch := database.Due{}, database.Due{Batch: true}
	for name, test := range map[string]struct {
		reach int
		due   []database.Due
		limit int
		want  int
	}{
		"not full":           {64, []database.Due{fresh}, 2, roundSize},
		"batches are seen":   {64, []database.Due{fresh, batch}, 2, roundSize},
		"fresh only":         {64, []database.Due{fresh, fresh}, 2, 128},
		"fresh only, widest": {roundAtMost, []database.Due{fresh, fresh}, 2, roundAtMost},
		"enough again":       {512, []database.Due{fresh, batch}, 2, roundSize},
	} {
		if got := reachAfter(test.reach, test.due, test.limit); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestNextLookIsForTheFirstWaitingInviteOfAnOpenRoom(t *testing.T) {
	now := time.Unix(1000, 0)
	links := []database.Link{{Room: "!a:x", State: database.LinkActive}, {Room: "!b:x", State: database.LinkSuspended}}
	wait := func(room id.RoomID, seconds int64) database.Invite {
		return database.Invite{Room: room, State: database.InviteWaiting, WaitUntil: now.Add(time.Duration(seconds) * time.Second)}
	}
	for name, test := range map[string]struct {
		invites []database.Invite
		want    time.Time
	}{
		"nothing waits":        {[]database.Invite{{Room: "!a:x", State: database.InviteInvited}}, time.Time{}},
		"the first":            {[]database.Invite{wait("!a:x", 60), wait("!a:x", 30)}, now.Add(30 * time.Second)},
		"rooms that are open":  {[]database.Invite{wait("!b:x", 30), wait("!a:x", 60)}, now.Add(time.Minute)},
		"a stopped room alone": {[]database.Invite{wait("!b:x", 30)}, time.Time{}},
	} {
		if got := nextLook(test.invites, links); !got.Equal(test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestRemainingTimeIsGuessedFromThePace(t *testing.T) {
	for _, test := range []struct {
		p    Progress
		want time.Duration
	}{
		{Progress{Tally: Tally{Invited: 8, Already: 1, Failed: 1}, Left: 30, Took: 10 * time.Second}, 30 * time.Second},
		{Progress{Left: 30, Took: time.Second}, 0},
		{Progress{Tally: Tally{Invited: 10}, Left: 0, Took: time.Second}, 0},
	} {
		if got := test.p.Remaining(); got != test.want {
			t.Errorf("%+v: got %v, want %v", test.p, got, test.want)
		}
	}
}

func TestQuestionIsFoundByItsIDElseByItsIdentifier(t *testing.T) {
	asked := func(id int64, identifier string) api.Question {
		return api.Question{ID: id, Identifier: identifier, Type: api.QuestionLine, Items: []int64{id * 10}}
	}
	choice := api.Question{ID: 8, Identifier: "matrix", Type: "C"}
	perOrder := api.Question{ID: 9, Identifier: "matrix", Type: api.QuestionLine, PerOrder: true}
	for name, test := range map[string]struct {
		identifier string
		questions  []api.Question
		want       int64 // 0: none
	}{
		"as it was":                    {"matrix", []api.Question{asked(2, "diet"), asked(3, "matrix")}, 3},
		"under another identifier":     {"matrix", []api.Question{asked(3, "renamed")}, 3},
		"the ID goes first":            {"matrix", []api.Question{asked(4, "matrix"), asked(3, "renamed")}, 3},
		"made anew":                    {"matrix", []api.Question{asked(2, "diet"), asked(4, "matrix")}, 4},
		"made anew as a choice":        {"matrix", []api.Question{choice}, 0},
		"made anew, once per order":    {"matrix", []api.Question{perOrder}, 0},
		"gone":                         {"matrix", []api.Question{asked(2, "diet")}, 0},
		"gone, with no identifier":     {"", []api.Question{asked(2, "")}, 0},
		"gone, and no question at all": {"matrix", nil, 0},
	} {
		got, ok := QuestionOf(database.Event{QuestionID: 3, QuestionIdentifier: test.identifier}, test.questions)
		if got.ID != test.want || ok != (test.want != 0) || ok && !slices.Equal(got.Items, []int64{test.want * 10}) {
			t.Errorf("%s: got %+v, %v, want %d", name, got, ok, test.want)
		}
	}
}
