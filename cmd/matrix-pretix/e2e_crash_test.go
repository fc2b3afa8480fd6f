package main

import (
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// batchSize is how many people a batch has that is cut short, and batchPart how many are invited when it is.
const batchSize, batchPart = 150, 20

// broken is a batch that was cut short.
type broken struct {
	olga     *person
	room     id.RoomID
	declined []id.UserID
}

// cutShort begins a batch with one process and kills that in the middle. Whoever is invited by then declines while nobody hears of it: if one of them
// were asked again, they would be invited in the end.
func (f *fixture) cutShort(active *running) broken {
	f.t.Helper()
	guests, err := f.lab.Synapse.Users(f.t.Context(), parts.Unique("guest"), batchSize)
	if err != nil {
		f.t.Fatalf("register people: %v", err)
	}
	if _, err := f.conf.ManyOrders(f.t.Context(), batchSize, func(i int) string { return guests[i].UserID }); err != nil {
		f.t.Fatalf("make orders: %v", err)
	}
	b := broken{olga: f.person("olga")}
	direct := b.olga.direct()
	b.olga.connects(direct, f.org.Tokens["minimal"])
	b.room = b.olga.eventRoom(nil)
	b.olga.links(direct, b.room)
	b.olga.say(direct, "!batchinvite")
	f.eventually("a part is invited", func() bool { return len(b.olga.invited(b.room)) >= batchPart })
	if err := active.Process.Kill(); err != nil {
		f.t.Fatalf("kill: %v", err)
	}
	<-active.exited
	b.declined = b.olga.invited(b.room)
	if len(b.declined) == batchSize {
		f.t.Fatalf("all %d were invited before it was killed: the test shows nothing", batchSize)
	}
	for _, guest := range guests {
		if who := (&person{f: f, ID: id.UserID(guest.UserID), token: guest.AccessToken}); slices.Contains(b.declined, who.ID) {
			who.leaves(b.room)
		}
	}
	return b
}

// finished waits until nothing is left to do, and looks that everybody was asked once.
func (f *fixture) finished(b broken) {
	f.t.Helper()
	f.settled()
	if got, want := len(b.olga.invited(b.room)), batchSize-len(b.declined); got != want {
		f.t.Errorf("%d are invited, want all %d but those %d who declined", got, batchSize, len(b.declined))
	}
	for _, who := range b.declined {
		if got := b.olga.member(b.room, who); got != "leave" {
			f.t.Errorf("one who had declined is %q, want leave", got)
		}
	}
}

func TestBatchCutShortByAKillIsFinishedAfterTheNextStart(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			f := deploy(t, kind)
			active := launch(t, f.cfg)
			active.ready(t, f.cfg)
			b := f.cutShort(active)
			launch(t, f.cfg)
			f.finished(b)
		})
	}
}

func TestBatchCutShortByAKillIsFinishedByTheStandby(t *testing.T) {
	f := deploy(t, config.Postgres)
	current := balance(t, f.slot.Port)
	first, second := *f.cfg, *f.cfg
	first.AppService.Port, second.AppService.Port = parts.Port(t), parts.Port(t)
	current.Store(int64(first.AppService.Port))
	active := launch(t, &first)
	active.ready(t, &first)
	standby := launch(t, &second)
	b := f.cutShort(active)
	current.Store(int64(second.AppService.Port))
	standby.ready(t, &second)
	f.finished(b)
}
