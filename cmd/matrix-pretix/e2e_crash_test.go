package main

import (
	"maps"
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// hallSize is how many people a batch that is cut short has for each of its rooms, and hallPart how many of them are invited when it is.
const hallSize, hallPart = 15, 5

// fates are what becomes, in each room, of who was invited last: the program was killed before it heard so.
var fates = []struct {
	name string
	does func(*person, id.RoomID)
}{
	{"is still invited", func(*person, id.RoomID) {}},
	{"has joined", (*person).enters},
	{"has declined", (*person).leaves},
	{"has joined and left", func(p *person, room id.RoomID) { p.enters(room); p.leaves(room) }},
}

// broken is a batch that was cut short.
type broken struct {
	olga   *person
	direct id.RoomID // where the command was said
	asked  *asked
	halls  []hall // as many as there are fates
}

// hall is a room of the batch, which a ticket of its own opens.
type hall struct {
	room   id.RoomID
	guests map[id.UserID]*person
	gone   map[id.UserID]bool // who left while nobody heard of it
}

// cutShort begins a batch with one process and kills that in the middle, at a moment when in each room somebody is invited of whom it has not heard
// so. In each room that person meets the fate of the room, and some others decline; word of all that is lost.
func (f *fixture) cutShort(active *running, asked *asked) broken {
	f.t.Helper()
	b := f.batch(asked)
	f.eventually("in each room an answer is awaited", func() bool { return asked.rooms() == len(b.halls) })
	if err := active.Process.Kill(); err != nil {
		f.t.Fatalf("kill: %v", err)
	}
	<-active.exited
	for i, h := range b.halls {
		times, last := asked.into(h.room)
		fates[i].does(h.guests[last], h.room)
		delete(times, last)
		for _, who := range slices.Sorted(maps.Keys(times))[:hallPart/2] {
			h.guests[who].leaves(h.room)
		}
		for who := range h.guests {
			h.gone[who] = b.olga.member(h.room, who) == "leave"
		}
	}
	return b
}

// batch begins a batch for several rooms, each with a kind of ticket of its own.
func (f *fixture) batch(asked *asked) broken {
	f.t.Helper()
	b := broken{olga: f.person("olga"), asked: asked}
	items, variations := f.conf.Items, f.conf.Variations
	f.sell(&b, items.Ticket, variations.Regular)
	f.sell(&b, items.Ticket, variations.Student)
	f.sell(&b, items.Online, 0)
	f.sell(&b, items.Free, 0)
	b.direct = b.olga.direct()
	b.olga.connects(b.direct, f.org.Tokens["minimal"])
	for i, name := range []string{"Ticket Regular", "Ticket Student", "Online ticket", "Free ticket"} {
		b.halls[i].room = b.olga.eventRoom(nil)
		b.olga.links(b.direct, b.halls[i].room, name)
	}
	b.olga.say(b.direct, "!batchinvite")
	return b
}

// sell sells tickets of one kind to the guests of one more room.
func (f *fixture) sell(b *broken, item, variation int64) {
	f.t.Helper()
	users, err := f.lab.Synapse.Users(f.t.Context(), parts.Unique("guest"), hallSize)
	if err != nil {
		f.t.Fatalf("register people: %v", err)
	}
	h := hall{guests: make(map[id.UserID]*person), gone: make(map[id.UserID]bool)}
	for _, user := range users {
		h.guests[id.UserID(user.UserID)] = &person{f: f, ID: id.UserID(user.UserID), token: user.AccessToken}
	}
	selling := *f.conf // its regular tickets are what is sold in numbers
	selling.Items.Ticket, selling.Variations.Regular = item, variation
	if _, err := selling.ManyOrders(f.t.Context(), hallSize, func(i int) string { return users[i].UserID }); err != nil {
		f.t.Fatalf("make orders: %v", err)
	}
	b.halls = append(b.halls, h)
}

// finished waits until nothing is left to do, and looks that everybody was asked once and is what they made of it. The message that said how the
// batch went on has ended, too.
func (f *fixture) finished(b broken) {
	f.t.Helper()
	b.olga.hears(b.direct, ever, "I was restarted in the middle of this")
	f.settled()
	for i, h := range b.halls {
		times, last := b.asked.into(h.room)
		for who := range h.guests {
			name := "one of the others"
			if who == last {
				name = "who " + fates[i].name
			}
			if got := times[who]; got != 1 {
				f.t.Errorf("room %d: %s was asked %d times, want once", i, name, got)
			}
			if is := b.olga.member(h.room, who); (is == "leave") != h.gone[who] {
				f.t.Errorf("room %d: %s is %q in the end; left before: %v", i, name, is, h.gone[who])
			}
		}
	}
}

func TestBatchCutShortByAKillIsFinishedAfterTheNextStart(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			f := deploy(t, kind)
			ear := f.ear()
			asked := f.counting(ear, hallPart)
			f.cfg.AppService.Port = parts.Port(t)
			ear.port.Store(int64(f.cfg.AppService.Port))
			active := launch(t, f.cfg)
			active.ready(t, f.cfg)
			b := f.cutShort(active, asked)
			launch(t, f.cfg)
			f.finished(b)
		})
	}
}

func TestBatchCutShortByAKillIsFinishedByTheStandby(t *testing.T) {
	f := deploy(t, config.Postgres)
	ear := f.ear()
	asked := f.counting(ear, hallPart)
	first, second := *f.cfg, *f.cfg
	first.AppService.Port, second.AppService.Port = parts.Port(t), parts.Port(t)
	ear.port.Store(int64(first.AppService.Port))
	active := launch(t, &first)
	active.ready(t, &first)
	standby := launch(t, &second)
	b := f.cutShort(active, asked)
	ear.port.Store(int64(second.AppService.Port))
	standby.ready(t, &second)
	f.finished(b)
}
