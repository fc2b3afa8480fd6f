package database

import (
	"testing"

	"maunium.net/go/mautrix/id"
)

// What makes an invite needless is counted, so that whoever is about to send it looks again; what merely happens during a batch is
// not, for then everybody would look again before each invite.
func TestWhatMakesAnInviteNeedlessIsCounted(t *testing.T) {
	const room, other = id.RoomID("!a:example.org"), id.RoomID("!b:example.org")
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, room)
		f.record("AAAAA", ticket(1, "ada"))
		f.record("BBBBB", ticket(2, "bob"))
		for _, c := range []struct {
			what   string
			counts bool
			do     func()
		}{
			{"the same order again", false, func() { f.record("AAAAA", ticket(1, "ada")) }},
			{"an invite that was sent", false, func() { f.outcome(room, "ada", Outcome{State: InviteInvited, Asked: true}) }},
			{"the homeserver's word of it", false, func() { f.member(room, "ada", InviteInvited, "") }},
			{"a member who is no attendee", false, func() { f.member(room, "eve", InviteJoined, "") }},
			{"an order that is settled", false, func() { f.settleAll() }},
			{"an attendee who joined", true, func() { f.member(room, "ada", InviteJoined, "") }},
			{"an order that says something new", true, func() { f.record("BBBBB", ticket(2, "eva")) }},
			{"a batch that was stopped", true, func() { _, err := f.StopQueued(t.Context(), conf, ""); f.must(err) }},
			{"a rule", true, func() { f.link(conf, room, Rule{Item: 7}) }},
			{"a link suspended", true, func() { f.must(f.SetLinkState(t.Context(), conf, room, LinkSuspended, LinkNoPower)) }},
			{"a room replaced", true, func() { _, err := f.SuspendReplaced(t.Context(), conf, room, other); f.must(err) }},
			{"a link deleted", true, func() { _, err := f.DeleteLink(t.Context(), conf, room, f.clock.Now()); f.must(err) }},
		} {
			before := f.Changes()
			c.do()
			if counted := f.Changes() != before; counted != c.counts {
				t.Errorf("%s: counted: %v, want %v", c.what, counted, c.counts)
			}
		}
	})
}

func (f *fixture) member(room id.RoomID, attendee Attendee, state InviteState, reason Reason) {
	f.t.Helper()
	_, err := f.MemberChanged(f.t.Context(), room, attendee, state, reason)
	f.must(err)
}
