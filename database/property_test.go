package database

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// TestTheSentencesHoldWhateverHappens does what organizers, buyers and a worker do, at random but repeatably, and checks the
// package's three sentences after each step.
func TestTheSentencesHoldWhateverHappens(t *testing.T) {
	const steps = 500
	for _, seed := range []uint64{3, 4, 13, 22} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				f.event(conf)
				f.link(conf, hall)
				w := &wanderer{fixture: f, rand: rand.New(rand.NewPCG(seed, 1)), met: make(map[InviteState]bool)}
				for step := range steps {
					what := w.step()
					f.wantSound()
					w.meet()
					if t.Failed() {
						t.Fatalf("after step %d: %s", step, what)
					}
				}
				w.wantAllMet()
			})
		})
	}
}

type wanderer struct {
	*fixture
	rand   *rand.Rand
	inHand []inHand
	met    map[InviteState]bool
}

// inHand is an order that a worker has read and not settled yet, with the invites that it knows of.
type inHand struct {
	due     Due
	invites []Invite
}

const mostInHand = 3

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
	switch n := w.rand.IntN(26); n {
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
		_, err := w.DeleteRules(ctx, conf, room)
		w.possible(err)
		return fmt.Sprint("delete rules ", room)
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
	case 6, 7:
		_, err := w.ReleaseOrder(ctx, conf, code, "")
		w.must(err)
		return "release order " + code
	case 8:
		_, err := w.StopQueued(ctx, conf, room)
		w.must(err)
		return fmt.Sprint("stop ", room)
	case 9:
		return w.member(room)
	case 10, 11, 12, 13, 14:
		return w.take()
	case 15, 16, 17, 18, 19:
		return w.finish()
	default:
		// Who has an order in hand is the only one to record it; a scan may come upon it all the same.
		record := OrderRecord{Event: conf, Code: code, Tickets: w.tickets(), Held: w.holds(code) || w.rand.IntN(3) == 0}
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

// take takes the first due order in hand, as a worker does: it is recorded as it was read, and its invites are known from then on.
func (w *wanderer) take() string {
	ctx := w.t.Context()
	due, err := w.NextDue(ctx, mostInHand)
	w.must(err)
	due = slices.DeleteFunc(due, func(d Due) bool { return w.holds(d.Code) })
	if len(due) == 0 || len(w.inHand) == mostInHand {
		return "nothing to take"
	}
	taken := inHand{due: due[0]}
	if w.rand.IntN(3) == 0 {
		recorded, err := w.RecordOrder(ctx, OrderRecord{Event: conf, Code: taken.due.Code, Tickets: w.tickets()})
		w.must(err)
		taken.invites = recorded.Invites
	} else {
		taken.invites, err = w.OrderInvites(ctx, conf, taken.due.Code)
		w.must(err)
	}
	w.inHand = append(w.inHand, taken)
	return fmt.Sprintf("take %+v", taken)
}

func (w *wanderer) holds(code string) bool {
	return slices.ContainsFunc(w.inHand, func(i inHand) bool { return i.due.Code == code })
}

// finish puts an order down: the invites that it was taken with are acted on as they stand now, and it is settled until the next try.
func (w *wanderer) finish() string {
	if len(w.inHand) == 0 {
		return "nothing to finish"
	}
	at := w.rand.IntN(len(w.inHand))
	done := w.inHand[at]
	w.inHand = slices.Delete(w.inHand, at, at+1)
	var again time.Time
	for _, invite := range done.invites {
		if until := w.act(invite); !until.IsZero() && (again.IsZero() || until.Before(again)) {
			again = until
		}
	}
	_, err := w.Settle(w.t.Context(), done.due, again)
	w.must(err)
	return fmt.Sprintf("finish %+v", done)
}

// act does with one invite what a worker does, and says until when it waits then.
func (w *wanderer) act(invite Invite) time.Time {
	ctx := w.t.Context()
	link, err := w.Link(ctx, conf, invite.Room)
	w.possible(err)
	now, errGone := w.Invite(ctx, conf, invite.Room, invite.Attendee)
	w.possible(errGone)
	switch {
	case err != nil || errGone != nil || link.State != LinkActive:
		return time.Time{}
	case now.State == InviteWaiting && now.WaitUntil.After(w.clock.Now()):
		return now.WaitUntil
	case now.State != InviteDue && now.State != InviteWaiting:
		return time.Time{}
	}
	outcome := pick(w.rand, []Outcome{
		{State: InviteInvited, Asked: true}, {State: InviteJoined}, {State: InviteGone, Reason: ReasonBanned},
		{State: InviteFailed, Reason: ReasonInvalid},
		{State: InviteWaiting, Reason: ReasonNotFound, WaitUntil: w.clock.Now().Add(time.Minute)},
	})
	w.outcome(invite.Room, invite.Attendee, outcome)
	return outcome.WaitUntil
}

func (w *wanderer) possible(err error) {
	w.t.Helper()
	if err != nil && !errors.Is(err, ErrNotFound) {
		w.t.Fatal(err)
	}
}

// meet notes in what states invites are.
func (w *wanderer) meet() {
	counts, err := w.CountInvites(w.t.Context(), conf, "")
	w.must(err)
	for _, count := range counts {
		w.met[count.State] = true
	}
}

// wantAllMet makes sure that the walk was none in a circle.
func (w *wanderer) wantAllMet() {
	w.t.Helper()
	for _, state := range allStates {
		if !w.met[state] {
			w.t.Errorf("no invite was %s at any time", state)
		}
	}
}
