package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/lab/stage"
)

// Options says how the play is given.
type Options struct {
	// Binary is the program.
	Binary string
	// Once ends it when everything has been shown. Else it stays up until it is stopped.
	Once bool
	// Out is where it is shown.
	Out *os.File
}

// play is everything that the scenes share.
type play struct {
	*screen
	stage *stage.Stage
	event *parts.Event
	org   *parts.Organizer
	gift  string // pays for whatever the watcher buys

	olga   *stage.Person
	direct string // her talk with the bot
	crew   string
	places map[string]string // what a room is called here, by its ID
	rooms  rooms
	typo   *parts.Bought // the order with a typo
}

// rooms are those that tickets open.
type rooms struct {
	everyone, online string
}

// Run gives the play and returns its exit status: 0 if everything came as it should. What it starts has ended when it returns.
func Run(ctx context.Context, o Options) (status int, err error) {
	p := &play{screen: newScreen(o.Out, time.Now()), places: map[string]string{}}
	dir, err := parts.NewRunDir("demo")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	err = p.start(ctx, dir.Path, o.Binary)
	if p.stage != nil {
		defer p.stage.Stop()
	}
	for _, scene := range []func(context.Context) error{p.connect, p.link, p.sell, p.tell} {
		if err == nil {
			err = scene(ctx)
		}
	}
	switch {
	case ctx.Err() != nil:
		p.note("\nstopped")
		return 130, nil
	case err != nil && p.stage != nil:
		return 1, fmt.Errorf("%w%s", err, p.stage.Bridge.LastLines(15))
	case err != nil:
		return 1, err
	case o.Once:
		p.note("\nAll of it came as it should.")
		return 0, nil
	}
	return p.stay(ctx)
}

// start brings up everything that is real.
func (p *play) start(ctx context.Context, dir, binary string) error {
	p.title("Starting a real Synapse %s, a real Pretix %s and matrix-pretix", parts.SynapseVersion, parts.PretixVersion)
	var err error
	p.stage, err = stage.Start(ctx, stage.Options{Dir: dir, Binary: binary, Say: func(line string) { p.line("", "", line) }})
	if err != nil {
		return err
	}
	p.org, err = p.stage.Pretix.NewOrganizer(ctx, parts.OrganizerSpec{
		Slug: "meadow", Name: "Meadow Collective", Events: []parts.EventSpec{{Slug: "camp", Name: "Meadow Camp", German: "Wiesencamp"}},
	})
	if err != nil {
		return err
	}
	p.event = p.org.Events["camp"]
	if p.gift, err = p.org.NewGiftCard(ctx, "500.00"); err != nil {
		return fmt.Errorf("make a gift card: %w", err)
	}
	for _, name := range append(customers(), spare...) {
		if _, err := p.stage.Join(ctx, name); err != nil {
			return err
		}
	}
	p.olga, err = p.stage.Join(ctx, "olga")
	return err
}
