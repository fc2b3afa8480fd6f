package main

import (
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

// onEach runs a test on each kind of database.
func onEach(t *testing.T, test func(t *testing.T, f *fixture)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { test(t, deploy(t, kind)) })
	}
}

// order buys tickets, one for each ID that was typed, as an order that is paid.
func (f *fixture) order(pending bool, typed ...string) string {
	f.t.Helper()
	spec := parts.OrderSpec{Pending: pending}
	for _, matrixID := range typed {
		spec.Positions = append(spec.Positions, parts.PositionSpec{MatrixID: matrixID})
	}
	made, err := f.conf.CreateOrder(f.t.Context(), spec)
	if err != nil {
		f.t.Fatalf("make an order: %v", err)
	}
	return made.Code
}

func TestPaidOrderInvitesEachPositionAndReportsTheTypo(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		f.start()
		olga, ada, bob := f.person("olga"), f.person("ada"), f.person("bob")
		direct := olga.direct()
		olga.connects(direct, f.org.Tokens["minimal"])
		room := olga.eventRoom(nil)
		olga.links(direct, room)
		code := f.order(true, ada.ID.String(), bob.ID.String(), "it's complicated")
		if err := f.conf.MarkPaid(t.Context(), code); err != nil {
			t.Fatalf("pay: %v", err)
		}
		olga.awaitMember(room, ada.ID, "invite")
		olga.awaitMember(room, bob.ID, "invite")
		if got, want := olga.invited(room), sorted(ada.ID, bob.ID); !slices.Equal(got, want) {
			t.Errorf("%d invited, want %d", len(got), len(want))
		}
		if status := olga.ask(direct, "!status", "2 invited", code); status == "" {
			t.Error("no status")
		}
	})
}

func sorted(ids ...id.UserID) []id.UserID {
	slices.Sort(ids)
	return ids
}
