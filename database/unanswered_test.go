package database

import "testing"

func TestOnlyOurOwnInvitesAreOursToTakeBack(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(camp, hall)
		dora, eve := Attendee("dora-digest"), Attendee("eve-digest")
		f.record("AAAAA", ticket(1, ada), ticket(2, bob), ticket(3, carl), ticket(4, dora), ticket(5, eve))
		for _, attendee := range []Attendee{ada, bob, carl} {
			f.outcome(hall, attendee, Outcome{State: InviteInvited, Asked: true})
		}
		f.outcome(hall, dora, Outcome{State: InviteInvited}) // by somebody of the room
		_, err := f.MemberChanged(ctx, hall, carl, InviteJoined, "")
		f.must(err)
		_, err = f.RecordOrder(ctx, OrderRecord{Event: camp, Code: "BBBBB", Tickets: []Ticket{ticket(1, bob)}})
		f.must(err)
		got, err := f.Unanswered(ctx, conf, hall)
		f.must(err)
		wantEqual(t, "unanswered", got, []Attendee{ada})

		_, err = f.DeleteLink(ctx, conf, hall, began)
		f.must(err)
		for attendee, want := range map[Attendee]bool{ada: false, bob: true} {
			if got, err := f.HasInvite(ctx, hall, attendee); err != nil || got != want {
				t.Errorf("%s after the event was unlinked: got %v, %v, want %v", attendee, got, err, want)
			}
		}
	})
}
