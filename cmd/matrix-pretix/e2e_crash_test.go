package main

import (
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// batchSize is how many people a batch has that is cut short, and batchPart how many are invited when it is.
const batchSize, batchPart = 60, 15

// cutShort begins a batch with one process and kills that in the middle.
func (f *fixture) cutShort(active *running) (olga *person, room id.RoomID) {
	f.t.Helper()
	people, err := f.lab.Synapse.Users(f.t.Context(), parts.Unique("guest"), batchSize)
	if err != nil {
		f.t.Fatalf("register people: %v", err)
	}
	if _, err := f.conf.ManyOrders(f.t.Context(), batchSize, func(i int) string { return people[i].UserID }); err != nil {
		f.t.Fatalf("make orders: %v", err)
	}
	olga = f.person("olga")
	direct := olga.direct()
	olga.connects(direct, f.org.Tokens["minimal"])
	room = olga.eventRoom(nil)
	olga.links(direct, room)
	olga.say(direct, "!batchinvite")
	f.eventually("a part is invited", func() bool { return len(olga.invited(room)) >= batchPart })
	if err := active.Process.Kill(); err != nil {
		f.t.Fatalf("kill: %v", err)
	}
	<-active.exited
	if done := len(olga.invited(room)); done == batchSize {
		f.t.Fatalf("all %d were invited before it was killed: the test shows nothing", done)
	}
	return olga, room
}

// finished waits until all are invited, and looks that nobody was asked twice.
func (f *fixture) finished(olga *person, room id.RoomID) {
	f.t.Helper()
	f.eventually("all are invited", func() bool { return len(olga.invited(room)) == batchSize })
	asked := make(map[string]int)
	from := ""
	for {
		var page struct {
			End   string `json:"end"`
			Chunk []struct {
				StateKey *string `json:"state_key"`
				Content  struct {
					Membership string `json:"membership"`
				} `json:"content"`
			} `json:"chunk"`
		}
		olga.call("GET", "/rooms/"+esc(string(room))+"/messages?dir=b&limit=500&filter="+esc(`{"types":["m.room.member"]}`)+from, nil, &page)
		for _, evt := range page.Chunk {
			if evt.StateKey != nil && evt.Content.Membership == "invite" && !f.cfg.IsBot(id.UserID(*evt.StateKey)) {
				asked[*evt.StateKey]++
			}
		}
		if page.End == "" {
			break
		}
		from = "&from=" + esc(page.End)
	}
	twice := 0
	for _, times := range asked {
		if times > 1 {
			twice++
		}
	}
	if len(asked) != batchSize || twice > 0 {
		f.t.Errorf("%d were asked, %d of them twice; want %d, each once", len(asked), twice, batchSize)
	}
}

func TestBatchCutShortByAKillIsFinishedAfterTheNextStart(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			f := deploy(t, kind)
			active := launch(t, f.cfg)
			active.ready(t, f.cfg)
			olga, room := f.cutShort(active)
			launch(t, f.cfg)
			f.finished(olga, room)
		})
	}
}

func TestBatchCutShortByAKillIsFinishedByTheStandby(t *testing.T) {
	f := deploy(t, config.Postgres)
	current := balance(t, f.slot.Port)
	first, second := *f.cfg, *f.cfg
	first.AppService.Port, second.AppService.Port = freePort(t), freePort(t)
	current.Store(int64(first.AppService.Port))
	active := launch(t, &first)
	active.ready(t, &first)
	standby := launch(t, &second)
	olga, room := f.cutShort(active)
	current.Store(int64(second.AppService.Port))
	standby.ready(t, &second)
	f.finished(olga, room)
}
