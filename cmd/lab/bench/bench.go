package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/lab/stage"
)

// Options says what is measured.
type Options struct {
	// Binary is the program.
	Binary string
	// Sizes are the numbers of tickets of which everybody is invited at once.
	Sizes []int
	// Out takes the table, Say lines of progress.
	Out io.Writer
	Say func(string)
}

// How often the small things are done.
const (
	singleOrders = 40
	webhookPosts = 200
)

// bench is what the measurements share.
type bench struct {
	say    func(string)
	stage  *stage.Stage
	org    *parts.Organizer
	hooks  *recorder
	olga   *stage.Person
	direct string
}

// Run measures and shows everything. What it starts has ended when it returns.
func Run(ctx context.Context, o Options) (err error) {
	dir, err := parts.NewRunDir("bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for webhooks: %w", err)
	}
	b := &bench{say: o.Say, hooks: newRecorder(listener)}
	defer b.hooks.Close()
	b.stage, err = stage.Start(ctx, stage.Options{Dir: dir.Path, Binary: o.Binary, Postgres: true, Public: b.hooks.URL(), Say: o.Say})
	if err != nil {
		return err
	}
	defer b.stage.Stop()
	b.hooks.Forward(b.stage.Bridge.URL)
	got, err := b.measure(ctx, slices.Sorted(slices.Values(o.Sizes)))
	if err != nil {
		return fmt.Errorf("%w%s", err, b.stage.Bridge.LastLines(15))
	}
	got.show(o.Out)
	return nil
}

// measure takes all numbers, the smallest sizes first.
func (b *bench) measure(ctx context.Context, sizes []int) (results, error) {
	var got results
	if err := rest(ctx, 3*time.Second); err != nil { // by then its start is over
		return got, err
	}
	var err error
	if got.idle, err = resident(b.stage.Bridge.PID()); err != nil {
		return got, err
	}
	if err := b.connect(ctx, sizes); err != nil {
		return got, err
	}
	for _, size := range sizes {
		batch, err := b.batch(ctx, size)
		if err != nil {
			return got, fmt.Errorf("invite %d: %w", size, err)
		}
		got.batches = append(got.batches, batch)
	}
	if got.paths, err = b.paths(ctx); err != nil {
		return got, fmt.Errorf("follow single orders: %w", err)
	}
	got.answers, err = b.postWebhooks(ctx)
	return got, err
}

// connect makes the organizer with an event for each measurement, and lets her connect the account.
func (b *bench) connect(ctx context.Context, sizes []int) error {
	events := []parts.EventSpec{{Slug: singleEvent}}
	for _, size := range sizes {
		events = append(events, parts.EventSpec{Slug: batchEvent(size)})
	}
	var err error
	if b.org, err = b.stage.Pretix.NewOrganizer(ctx, parts.OrganizerSpec{Slug: "bench", Events: events}); err != nil {
		return err
	}
	if b.olga, err = b.stage.Join(ctx, "olga"); err != nil {
		return err
	}
	bot := b.stage.Bridge.Bot
	if b.direct, err = b.olga.Direct(ctx, bot); err != nil {
		return err
	}
	if err := b.olga.AwaitMember(ctx, b.direct, bot, "join"); err != nil {
		return err
	}
	if _, err := b.olga.Hear(ctx, 0, time.Minute, "!authorize"); err != nil {
		return err
	}
	if _, err := b.olga.Ask(ctx, b.direct, "!authorize", "API token"); err != nil {
		return err
	}
	_, err = b.olga.Ask(ctx, b.direct, b.org.Tokens["minimal"], "Connected")
	return err
}

// linkedRoom makes a room and links it to an event.
func (b *bench) linkedRoom(ctx context.Context, event string) (string, error) {
	room, err := b.olga.Room(ctx, event, b.stage.Bridge.Bot)
	if err != nil {
		return "", err
	}
	if err := b.olga.AwaitMember(ctx, room, b.stage.Bridge.Bot, "join"); err != nil {
		return "", err
	}
	_, err = b.olga.Ask(ctx, b.direct, "!setroom bench/"+event+" "+room, "opens to every ticket", "may invite")
	return room, err
}

// rest waits.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
