package inviter

import (
	"context"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// slowly lets each invite take its time, as on a real homeserver.
func slowly(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
	if op == "invite" && !done {
		time.Sleep(25 * time.Millisecond)
	}
	return nil
}

// TestPageThatWaitedDoesNotUndoANewerReading cancels an order between the reading of its page and its turn.
func TestPageThatWaitedDoesNotUndoANewerReading(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(600, time.Now().Add(-time.Hour))
		const victim = 349
		b.matrix.step = slowly
		b.due(true, codes...)
		b.start()
		b.sleep(1500 * time.Millisecond)
		if _, err := b.store.Invite(t.Context(), conf, hall, b.keys.Attendee(people[victim])); err == nil || b.pretix.pages < victim/pageSize {
			t.Fatalf("%d pages read, and the order recorded (%v): the test shows nothing", b.pretix.pages, err)
		}
		canceled := bought(codes[victim], time.Now(), people[victim].String())
		canceled.Status = "c"
		b.pretix.put(canceled)
		b.due(false, codes[victim])
		b.idle(time.Minute)
		if got := b.matrix.sees(hall, people[victim]); got != "" {
			t.Errorf("the holder of a canceled ticket is %q", got)
		}
		if got := len(b.matrix.invited(hall)); got != 599 {
			t.Errorf("%d invited, want all the others: 599", got)
		}
	})
}

// TestReadingByARowThatHasEndedIsDropped has another reading settled before.
func TestReadingByARowThatHasEndedIsDropped(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		_, err := b.store.MakeDue(t.Context(), conf, "AAAAA", false)
		b.must(err)
		due, err := b.store.DueOf(t.Context(), conf)
		b.must(err)
		b.in.Wake()
		b.idle(time.Minute)
		stale := bought("AAAAA", time.Now(), "@bob:example.org")
		if err := b.in.handle(t.Context(), due[0], reading{order: stale}); err != errAgain {
			t.Errorf("got %v, want that it is read again", err)
		}
		b.wantInvited(hall, "@ada:example.org")
	})
}

// TestPaymentThatIsToldOfInPiecesInvitesAtTheFirst has Pretix call again while the order is read for its first call.
func TestPaymentThatIsToldOfInPiecesInvitesAtTheFirst(t *testing.T) {
	for name, tc := range map[string]struct {
		takes    time.Duration
		readings int // before the invite
	}{
		"read at once":           {30 * time.Millisecond, 1},
		"read after a long wait": {freshFor + time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			withBench(t, func(t *testing.T, b *bench) {
				b.link(hall)
				b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
				readings, invited := 0, 0
				b.pretix.step = func(_ context.Context, op string) error {
					if op != "order" {
						return nil
					}
					if readings++; readings == 1 {
						time.Sleep(tc.takes)
						_, err := b.store.MakeDue(context.Background(), conf, "AAAAA", false)
						return err
					}
					return nil
				}
				b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
					if op == "invite" && !done {
						invited = readings
					}
					return nil
				}
				b.due(false, "AAAAA")
				b.start()
				b.idle(time.Minute)
				b.must(b.stop())
				if invited != tc.readings || readings < 2 {
					t.Errorf("invited after %d of %d readings, want after %d and one more at least", invited, readings, tc.readings)
				}
				b.wantInvited(hall, "@ada:example.org")
			})
		})
	}
}

// TestWhatIsRecordedWhileTheRoomIsBusyHolds takes somebody's right away in the moment before their turn.
func TestWhatIsRecordedWhileTheRoomIsBusyHolds(t *testing.T) {
	for name, takeAway := range map[string]func(b *bench) error{
		"by a cancellation": func(b *bench) error {
			_, err := b.store.RecordOrder(b.t.Context(), database.OrderRecord{Event: conf, Code: "BBBBB"})
			return err
		},
		"by a narrower rule": func(b *bench) error {
			_, err := b.store.AddRule(b.t.Context(), conf, hall, database.Rule{Item: workshop})
			return err
		},
		"by a tombstone": func(b *bench) error {
			return b.store.SetLinkState(b.t.Context(), conf, hall, database.LinkSuspended, database.LinkReplaced)
		},
		"by a stop": func(b *bench) error {
			_, err := b.store.StopQueued(b.t.Context(), conf, hall)
			return err
		},
		"by unlinking": func(b *bench) error {
			_, err := b.store.DeleteLink(b.t.Context(), conf, hall, time.Now())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			withBench(t, func(t *testing.T, b *bench) {
				b.link(hall)
				b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"), bought("BBBBB", time.Now(), "@bob:example.org"))
				b.start()
				b.meanwhile(func() {
					b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, who id.UserID) error {
						if op != "invite" || done || who != "@ada:example.org" {
							return nil
						}
						b.due(false, "BBBBB")
						time.Sleep(500 * time.Millisecond) // Bob has got ready
						return takeAway(b)
					}
				})
				b.due(false, "AAAAA")
				b.sleep(time.Minute)
				b.wantInvited(hall, "@ada:example.org")
			})
		})
	}
}

func TestTwoEventsOfARoomAskNobodyTwice(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		other := conf.OrganizerKey().Event("other")
		b.must(b.store.PutEvent(t.Context(), database.Event{Key: other, Name: "Other", GhostID: "eu_lab_other", Bot: otherBot}))
		b.must(b.store.SetQuestion(t.Context(), other, question, "matrix"))
		b.matrix.room(hall).members[otherBot] = event.MembershipJoin
		_, err := b.store.PutLink(t.Context(), database.Link{Event: other, Room: hall, LinkedBy: "@ora:example.org", State: database.LinkActive})
		b.must(err)
		b.scanned(other)
		b.matrix.heard = func(id.RoomID, id.UserID, event.Membership, event.Membership, id.UserID) {} // word of it comes later
		b.matrix.step = slowly
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		_, err = b.store.MakeDue(t.Context(), other, "AAAAA", false)
		b.must(err)
		b.in.Wake()
		b.sleep(time.Minute)
		if tries := b.matrix.room(hall).tries; tries != 1 {
			t.Errorf("%d invites of one person into one room: %v", tries, b.matrix.reasons)
		}
		for _, key := range []database.EventKey{conf, other} {
			row, err := b.store.Invite(t.Context(), key, hall, b.keys.Attendee("@ada:example.org"))
			if err != nil || row.State != database.InviteInvited {
				t.Errorf("%s: got %s (%v), want invited", key, row.State, err)
			}
		}
	})
}

func TestWhoNeedsNoAskingTakesNoTurn(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.matrix.step = once(b, "exists", func() error {
			b.matrix.sets(hall, "@ada:example.org", event.MembershipJoin, "@ada:example.org")
			return nil
		})
		b.start()
		busy, err := b.in.rooms.Take(t.Context(), hall, true)
		b.must(err)
		defer busy()
		b.due(false, "AAAAA")
		b.idle(time.Second)
		b.wantState(hall, "@ada:example.org", database.InviteJoined, "")
	})
}
