package database

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// TestTheSentencesHoldWhateverHappens does what organizers, buyers and a worker do, at random but repeatably, and checks the
// package's three sentences after each step.
func TestTheSentencesHoldWhateverHappens(t *testing.T) {
	const steps = 400
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				f.event(conf)
				f.link(conf, hall)
				w := &wanderer{fixture: f, rand: rand.New(rand.NewPCG(seed, 1))}
				for step := range steps {
					what := w.step()
					f.wantSound()
					if t.Failed() {
						t.Fatalf("after step %d: %s", step, what)
					}
				}
				w.wantSeveralKinds()
			})
		})
	}
}

type wanderer struct {
	*fixture
	rand *rand.Rand
}

var (
	wanderRooms = []id.RoomID{hall, lab, desk}
	wanderRules = []Rule{{Item: standard}, {Item: workshop}, {Subevent: 1}, {Item: standard, Subevent: 2}}
	wanderCodes = []string{"AAAAA", "BBBBB", "CCCCC", "DDDDD"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// step does one thing and says what. What is not possible at the moment is no error of the store.
func (w *wanderer) step() string {
	w.clock.advance(time.Duration(w.rand.IntN(100)) * time.Second)
	ctx, room, code := w.t.Context(), pick(w.rand, wanderRooms), pick(w.rand, wanderCodes)
	switch n := w.rand.IntN(20); n {
	case 0:
		rules := wanderRules[:w.rand.IntN(3)]
		state := pick(w.rand, []LinkState{LinkActive, LinkActive, LinkSuspended})
		_, err := w.PutLink(ctx, Link{Event: conf, Room: room, State: state, Rules: rules})
		w.must(err)
		return fmt.Sprint("put link ", room, state, rules)
	case 1:
		rule := pick(w.rand, wanderRules)
		_, err := w.AddRule(ctx, conf, room, rule)
		w.possible(err)
		return fmt.Sprint("add rule ", room, rule)
	case 2:
		rule := pick(w.rand, wanderRules)
		_, err := w.DeleteRule(ctx, conf, room, rule)
		w.possible(err)
		return fmt.Sprint("delete rule ", room, rule)
	case 3:
		state := pick(w.rand, []LinkState{LinkActive, LinkSuspended})
		w.possible(w.SetLinkState(ctx, conf, room, state, ""))
		return fmt.Sprint("set link ", room, state)
	case 4:
		to := pick(w.rand, wanderRooms)
		if to != room {
			w.possible(w.MoveLink(ctx, conf, room, to))
		}
		return fmt.Sprint("move ", room, to)
	case 5:
		_, err := w.Release(ctx, conf, pick(w.rand, []id.RoomID{"", room}))
		w.must(err)
		return "release"
	case 6:
		_, err := w.ReleaseOrder(ctx, conf, code, "")
		w.must(err)
		return "release order " + code
	case 7:
		_, err := w.StopQueued(ctx, conf, room)
		w.must(err)
		return fmt.Sprint("stop ", room)
	case 8, 9:
		return w.member(room)
	case 10, 11, 12, 13:
		return w.work()
	default:
		record := OrderRecord{Event: conf, Code: code, Tickets: w.tickets(), Held: w.rand.IntN(3) == 0}
		_, err := w.RecordOrder(ctx, record)
		w.must(err)
		return fmt.Sprintf("record %+v", record)
	}
}

// tickets returns up to three tickets of an order: positions wander between orders, as when one is split.
func (w *wanderer) tickets() (tickets []Ticket) {
	for range w.rand.IntN(4) {
		t := Ticket{
			Position: w.rand.Int64N(8) + 1, Item: pick(w.rand, []int64{standard, workshop}), Subevent: w.rand.Int64N(3),
			Attendee: pick(w.rand, []Attendee{ada, bob, carl, ""}),
		}
		if t.Attendee == "" {
			t.Problem = "missing"
		}
		if len(tickets) == 0 || tickets[len(tickets)-1].Position < t.Position {
			tickets = append(tickets, t)
		}
	}
	return tickets
}

func (w *wanderer) member(room id.RoomID) string {
	attendee := pick(w.rand, []Attendee{ada, bob, carl})
	state, reason := pick(w.rand, []InviteState{InviteInvited, InviteJoined, InviteGone}), Reason("")
	if state == InviteGone {
		reason = ReasonLeft
	}
	_, err := w.MemberChanged(w.t.Context(), room, attendee, state, reason)
	w.must(err)
	return fmt.Sprint("member ", room, attendee, state)
}

// work does with the first due order what a worker does: acts on the open rooms' invites, settles until the next try.
func (w *wanderer) work() string {
	ctx := w.t.Context()
	due, err := w.NextDue(ctx, 1)
	w.must(err)
	if len(due) == 0 {
		return "nothing to do"
	}
	invites, err := w.OrderInvites(ctx, conf, due[0].Code)
	w.must(err)
	var again time.Time
	for _, invite := range invites {
		link, err := w.Link(ctx, conf, invite.Room)
		w.must(err)
		if link.State != LinkActive || invite.State != InviteDue && invite.State != InviteWaiting {
			continue
		}
		outcome := pick(w.rand, []Outcome{
			{State: InviteInvited, Asked: true}, {State: InviteJoined}, {State: InviteGone, Reason: ReasonBanned},
			{State: InviteFailed, Reason: ReasonInvalid},
			{State: InviteWaiting, Reason: ReasonNotFound, WaitUntil: w.clock.Now().Add(time.Minute)},
		})
		w.outcome(invite.Room, invite.Attendee, outcome)
		if outcome.State == InviteWaiting {
			again = outcome.WaitUntil
		}
	}
	_, err = w.Settle(ctx, due[0], again)
	w.must(err)
	return fmt.Sprintf("work %+v", due[0])
}

func (w *wanderer) possible(err error) {
	w.t.Helper()
	if err != nil && !errors.Is(err, ErrNotFound) {
		w.t.Fatal(err)
	}
}

// wantSeveralKinds makes sure that the walk was none in a circle: it has left invites, and in several states.
func (w *wanderer) wantSeveralKinds() {
	w.t.Helper()
	counts, err := w.CountInvites(w.t.Context(), conf, "")
	w.must(err)
	if len(counts) < 3 {
		w.t.Errorf("got %+v at the end, want several kinds of invites", counts)
	}
}
