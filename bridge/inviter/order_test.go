package inviter

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

func TestPaidOrderInvitesWhoItsTicketsName(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org", "bob:elsewhere.example", "no idea what this is"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org", "@bob:elsewhere.example")
		b.wantState(hall, "@ada:example.org", database.InviteInvited, "")
		failures, err := b.store.Unreported(t.Context())
		b.must(err)
		if len(failures) != 1 || failures[0].Code != "AAAAA" || failures[0].Problem == "" {
			t.Errorf("unreported failures: got %+v, want the third ticket", failures)
		}
		if !b.matrix.reasons["You hold a ticket for Conf 2026, which opens this room."] {
			t.Errorf("reasons: got %v", b.matrix.reasons)
		}
		lines := b.logs.FilterMessage("order handled").All()
		if len(lines) != 1 || lines[0].ContextMap()["invited"] != int64(2) || lines[0].ContextMap()["tickets"] != int64(3) {
			t.Errorf("log lines of orders handled: got %v", lines)
		}
	})
}

func TestOrderThatIsSettledIsSaidToBe(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		changed := time.Now()
		b.pretix.put(bought("AAAAA", changed, "@ada:example.org"), bought("BBBBB", changed, "@bob:example.org"))
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "order" && len(b.pretix.order) > 0 {
				return errors.New("pretix is away")
			}
			return nil
		}
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.due(false, "BBBBB")
		b.sleep(time.Second)
		if want := map[string]time.Time{"AAAAA": changed}; !maps.Equal(b.pretix.settled, want) {
			t.Errorf("got %v, want %v", b.pretix.settled, want)
		}
	})
}

func TestTicketOpensOnlyTheRoomsOfItsRules(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall, database.Rule{Item: ticket})
		b.link(lab, database.Rule{Item: workshop})
		order := bought("AAAAA", time.Now(), "@ada:example.org", "@bob:example.org", "@cy:example.org")
		order.Positions[1].Item = workshop
		order.Positions[2].Item = 99
		b.pretix.put(order)
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
		b.wantInvited(lab, "@bob:example.org")
	})
}

func TestNobodyIsAskedWhoIsThereOrWentOrIsBanned(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.sets(hall, "@ada:example.org", event.MembershipJoin, "")
		b.matrix.sets(hall, "@bob:example.org", event.MembershipInvite, "")
		b.matrix.sets(hall, "@cy:example.org", event.MembershipLeave, "")
		b.matrix.sets(hall, "@dee:example.org", event.MembershipBan, "")
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org", "@bob:example.org", "@cy:example.org", "@dee:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall)
		if tries := b.matrix.count("invite"); tries != 0 {
			t.Errorf("%d invite requests, want none", tries)
		}
		b.wantState(hall, "@ada:example.org", database.InviteJoined, "")
		b.wantState(hall, "@bob:example.org", database.InviteInvited, "")
		b.wantState(hall, "@cy:example.org", database.InviteGone, database.ReasonLeft)
		b.wantState(hall, "@dee:example.org", database.InviteGone, database.ReasonBanned)
	})
}

func TestSomebodyWhoWentIsAskedAgainOnlyByNameOfTheOrder(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org", "@bob:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.matrix.sets(hall, "@ada:example.org", event.MembershipLeave, "@ada:example.org")
		b.matrix.sets(hall, "@bob:example.org", event.MembershipBan, "@mod:example.org")
		b.wantState(hall, "@ada:example.org", database.InviteGone, database.ReasonDeclined)
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org", "@bob:example.org")

		_, err := b.store.ReleaseOrder(t.Context(), conf, "AAAAA", "")
		b.must(err)
		b.in.Wake()
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org", "@ada:example.org", "@bob:example.org")
		b.wantState(hall, "@bob:example.org", database.InviteGone, database.ReasonBanned)
	})
}

func TestCapitalsAreTriedAsTypedThenLower(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.nobody["@Ada:example.org"] = true
		b.pretix.put(bought("AAAAA", time.Now(), "@Ada:Example.org", "@Bob:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@Bob:example.org", "@ada:example.org")
	})
}

func TestWhoeverOfUsHasKeysNeedsNoOtherLook(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.keyed = map[id.UserID]bool{"@ada:example.org": true, "@far:elsewhere.example": true}
		b.matrix.nobody["@far:elsewhere.example"] = true // of other servers only the profile counts at first
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org", "@bob:example.org", "@far:elsewhere.example"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org", "@bob:example.org")
		if looks := b.matrix.calls["exists"]; looks != 2 {
			t.Errorf("%d looks, want one at Bob and one at the person far away", looks)
		}
	})
}

func TestTwoOrdersNamingOnePersonSendOneInvite(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"), bought("BBBBB", time.Now(), "@ada:example.org", "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA", "BBBBB")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
		if tries := b.matrix.count("invite"); tries != 1 {
			t.Errorf("%d invite requests, want 1", tries)
		}
	})
}

func TestTestOrdersInviteNobodyAndAreToldOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.link(lab, database.Rule{Item: workshop})
		unpaid, paid, second := bought("AAAAA", time.Now(), "@ada:example.org"), bought("BBBBB", time.Now(), "@ada:example.org", ""),
			bought("CCCCC", time.Now(), "@ada:example.org")
		unpaid.Testmode, paid.Testmode, second.Testmode = true, true, true
		unpaid.Status = api.StatusPending
		b.pretix.put(unpaid, paid, second)
		b.start()
		for _, code := range []string{"AAAAA", "BBBBB", "CCCCC"} {
			b.due(false, code)
			b.idle(time.Minute)
		}
		b.wantInvited(hall)
		if len(b.tests) != 1 {
			t.Fatalf("test orders told: got %+v, want one", b.tests)
		}
		got := b.tests[0]
		if got.Code != "BBBBB" || got.Tickets != 2 || got.Unnamed != 1 || got.WouldAsk != 1 || len(got.Rooms) != 1 || got.Rooms[0] != hall {
			t.Errorf("test order told: got %+v", got)
		}
	})
}

func TestTestOrderThatNobodyCouldBeToldIsToldWithTheNext(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.unheard = true
		b.start()
		for _, code := range []string{"AAAAA", "BBBBB", "CCCCC"} {
			order := bought(code, time.Now(), "@ada:example.org")
			order.Testmode = true
			b.pretix.put(order)
			b.due(false, code)
			b.idle(time.Minute)
			b.mu.Lock()
			b.unheard = false
			b.mu.Unlock()
		}
		if len(b.tests) != 2 || b.tests[1].Code != "BBBBB" {
			t.Errorf("test orders told: got %+v, want the second as well", b.tests)
		}
	})
}

func TestHeldInvitesWaitForABatch(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, "AAAAA", true))
		b.must(err)
		b.link(hall)
		b.start()
		b.due(false, "AAAAA") // a phone number was changed
		b.idle(time.Minute)
		b.wantInvited(hall)
		b.wantState(hall, "@ada:example.org", database.InviteHeld, "")
		_, err = b.store.Release(t.Context(), conf, "")
		b.must(err)
		b.in.Wake()
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestAnOrderThatIsNoMoreIsForgotten(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, "AAAAA", true))
		b.must(err)
		delete(b.pretix.orders, "AAAAA")
		b.start()
		b.due(false, "AAAAA", "NEVER")
		b.idle(time.Minute)
		count, err := b.store.CountInvites(t.Context(), conf, "")
		b.must(err)
		if len(count) != 0 {
			t.Errorf("invites of an order that is no more: %+v", count)
		}
	})
}

func TestOrderChangedWhileInHandIsLookedAtAgain(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.matrix.step = once(b, "invite", func() error {
			b.pretix.put(bought("AAAAA", time.Now(), "@bob:example.org"))
			b.due(false, "AAAAA")
			return nil
		})
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org", "@bob:example.org")
	})
}
