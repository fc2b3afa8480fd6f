package database

import (
	"testing"
	"time"
)

func TestALinkMovesWithItsRulesAndInvites(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall, Rule{Item: standard})
		want := map[Attendee]InviteState{
			"held": InviteHeld, "due": InviteDue, "waiting": InviteWaiting, "invited": InviteHeld, "joined": InviteHeld,
			"gone": InviteGone, "failed": InviteFailed,
		}
		position := int64(0)
		for attendee := range want {
			position++
			f.record("CODE-"+string(attendee), ticket(position, attendee))
			if attendee != "held" {
				f.bring(hall, attendee, InviteState(attendee))
			}
		}
		_, err := f.change(ctx, `UPDATE pretix_invite SET state = 'held' WHERE attendee = 'held'`)
		f.must(err)
		f.settleAll()
		_, err = f.SuspendReplaced(ctx, conf, hall, lab)
		f.must(err)
		f.clock.advance(time.Minute)
		f.must(f.MoveLink(ctx, conf, hall, lab))
		for attendee, state := range want {
			f.wantState(lab, attendee, state)
			f.wantNoInvite(hall, attendee)
		}
		got, err := f.Link(ctx, conf, lab)
		f.must(err)
		if got.State != LinkActive || got.Reason != "" || got.Successor != "" || got.LinkedBy != organizer || !got.LinkedAt.Equal(began) ||
			!got.Since.Equal(began.Add(time.Minute)) || len(got.Rules) != 1 {
			t.Errorf("got %+v", got)
		}
		_, err = f.Link(ctx, conf, hall)
		wantNotFound(t, err)
		wantEqual(t, "due", f.dueCodes(), []string{"CODE-due", "CODE-waiting"})
		f.wantSound()
	})
}

func TestWhoeverLostTheirTicketIsNotHeldInTheSuccessor(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.bring(hall, ada, InviteJoined)
		f.record("AAAAA")
		f.must(f.MoveLink(t.Context(), conf, hall, lab))
		f.wantNoInvite(lab, ada)
		f.wantSound()
	})
}

func TestASuccessorThatIsLinkedAlreadyKeepsItsRulesAndInvites(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall, Rule{Item: standard})
		f.link(conf, lab)
		f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: bob})
		f.bring(lab, ada, InviteJoined)
		f.bring(hall, ada, InviteGone)
		f.must(f.MoveLink(ctx, conf, hall, lab))
		got, err := f.Link(ctx, conf, lab)
		if err != nil || len(got.Rules) != 0 {
			t.Errorf("got %+v, %v, want the successor's own rules, none", got, err)
		}
		f.wantState(lab, ada, InviteJoined)
		f.wantState(lab, bob, InviteDue)
		f.wantSound()
	})
}

func TestALinkThatIsNotThereDoesNotMove(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		wantNotFound(t, f.MoveLink(t.Context(), conf, hall, lab))
		links, err := f.LinksOf(t.Context(), conf)
		if err != nil || len(links) != 0 {
			t.Errorf("got %v, %v, want none", links, err)
		}
	})
}
