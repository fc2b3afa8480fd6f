package demo

import (
	"context"
	"errors"
	"strings"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/lab/stage"
)

// stay leaves everything to whoever watches, and shows what happens in the rooms until it is stopped.
func (p *play) stay(ctx context.Context) (int, error) {
	p.handOver()
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-p.stage.Bridge.Ended():
			cancel()
		case <-watching.Done():
		}
	}()
	err := p.watch(watching)
	cancel()
	<-ended
	switch {
	case ctx.Err() != nil:
		p.note("\nstopping")
		return 0, nil
	case watching.Err() != nil && err == nil:
		return 1, errors.New("matrix-pretix has ended" + p.stage.Bridge.LastLines(15))
	}
	return 1, err
}

// watch shows each thing that happens, until ctx ends.
func (p *play) watch(ctx context.Context) error {
	const untilStopped = 1000 * time.Hour
	for from := p.olga.Now(); ctx.Err() == nil; {
		h, next, err := p.olga.Await(ctx, from, untilStopped, func(stage.Happening) bool { return true })
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		from = next
		p.happened(ctx, h)
	}
	return nil
}

// happened shows one of the things that happen.
func (p *play) happened(ctx context.Context, h stage.Happening) {
	switch {
	case h.Membership == "invite":
		p.invited(seat{h.Room, h.Who}, h.At, p.orderOf(ctx, h.Who))
	case h.Membership == "join" && h.Who != p.olga.ID:
		p.lineAt(h.At, p.place(h.Room), "joined", h.Who)
	case h.Membership != "":
		p.lineAt(h.At, p.place(h.Room), h.Membership, h.Who)
	case h.Notice && stage.Answer(h):
		p.lineAt(h.At, p.place(h.Room), "bot", p.read(h.Text))
	case !h.Notice:
		p.lineAt(h.At, p.place(h.Room), localpart(h.Sender), h.Text)
	}
}

// handOver says where everything is.
func (p *play) handOver() {
	p.title("Now you: everything stays up until Ctrl-C, and what happens is shown below")
	id := func(name string) string { return "@" + name + ":" + parts.ServerName }
	p.facts([][2]string{
		{"shop", p.event.URL},
		{"", "a free ticket counts at once; so does any other paid by gift card " + p.gift},
		{"", "Matrix IDs to type there: " + strings.Join(mapped(spare, id), "  ")},
		{"mend the typo", p.typo.URL + "modify"},
		{"", "type " + id("dora") + " and she is invited"},
		{"Pretix backend", p.stage.Pretix.URL + "/control/"},
		{"", p.org.Email + "   password " + p.org.Password},
		{"Matrix", p.stage.Synapse.URL + "   (in Element: Sign in, Edit the homeserver)"},
		{"", "olga, who organizes; " + strings.Join(append(customers(), spare...), ", ") + "   password " + stage.Password},
		{"rooms", "Camp (every ticket), Camp online (online tickets), Crew (the control room)"},
		{"bot", p.stage.Bridge.Bot + "   !help lists what it can do"},
		{"log", p.stage.Bridge.Log},
	})
}

func mapped(names []string, to func(string) string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = to(name)
	}
	return all
}
