package inviter

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

func TestRowsFollowWhatMembersDo(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		names := []id.UserID{"@ada:example.org", "@bob:example.org", "@cy:example.org", "@dee:example.org"}
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org", "@bob:example.org", "@cy:example.org", "@dee:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, names...)
		b.matrix.sets(hall, "@ADA:example.org", event.MembershipJoin, "@ADA:example.org") // capitals mean nothing
		b.matrix.sets(hall, "@bob:example.org", event.MembershipLeave, "@bob:example.org")
		b.matrix.sets(hall, "@cy:example.org", event.MembershipLeave, eventBot)
		b.matrix.sets(hall, "@dee:example.org", event.MembershipJoin, "@dee:example.org")
		b.matrix.sets(hall, "@dee:example.org", event.MembershipLeave, "@mod:example.org")
		b.matrix.sets(hall, "@stranger:example.org", event.MembershipJoin, "@stranger:example.org")
		b.wantState(hall, "@ada:example.org", database.InviteJoined, "")
		b.wantState(hall, "@bob:example.org", database.InviteGone, database.ReasonDeclined)
		b.wantState(hall, "@cy:example.org", database.InviteGone, database.ReasonWithdrawn)
		b.wantState(hall, "@dee:example.org", database.InviteGone, database.ReasonKicked)
		counts, err := b.store.CountInvites(t.Context(), conf, "")
		b.must(err)
		all := 0
		for _, count := range counts {
			all += count.Count
		}
		if all != 4 {
			t.Errorf("%d invites, want 4: a stranger leaves no row", all)
		}
	})
}

func TestLeavingIsToldFromDecliningWithoutThePreviousEvent(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org", "@bob:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.matrix.sets(hall, "@bob:example.org", event.MembershipJoin, "@bob:example.org")
		for _, who := range []id.UserID{"@ada:example.org", "@bob:example.org"} {
			b.in.MemberChanged(t.Context(), memberEvent(hall, who, "", event.MembershipLeave, who))
		}
		b.wantState(hall, "@ada:example.org", database.InviteGone, database.ReasonDeclined)
		b.wantState(hall, "@bob:example.org", database.InviteGone, database.ReasonLeft)
	})
}

func TestJoinBeforeTheAnswerToTheInviteCounts(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.heard = func(room id.RoomID, who id.UserID, was, is event.Membership, by id.UserID) {
			b.hear(room, who, was, is, by)
			if is == event.MembershipInvite { // a client that accepts at once
				b.matrix.sets(room, who, event.MembershipJoin, who)
			}
		}
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantState(hall, "@ada:example.org", database.InviteJoined, "")
	})
}
