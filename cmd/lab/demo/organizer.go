package demo

import (
	"context"
	"fmt"

	"matrix-pretix/cmd/lab/stage"
)

// connect is the organizer's first talk with the bot, in which she connects her Pretix account.
func (p *play) connect(ctx context.Context) error {
	p.title("Olga, an organizer, talks to the bot")
	bot := p.stage.Bridge.Bot
	var err error
	if p.direct, err = p.olga.Direct(ctx, bot); err != nil {
		return err
	}
	p.places[p.direct] = "in private"
	p.line("in private", "olga", "(starts a chat with "+bot+")")
	if err := p.olga.AwaitMember(ctx, p.direct, bot, "join"); err != nil {
		return err
	}
	hello, err := p.olga.Hear(ctx, 0, answerTime, "!authorize")
	if err != nil {
		return err
	}
	p.answer(hello)
	if err := p.ask(ctx, p.direct, "!authorize", "API token"); err != nil {
		return err
	}
	return p.askShown(ctx, p.direct, p.org.Tokens["minimal"], "(an API token of her Pretix team)", "Connected")
}

// link opens two rooms to tickets and makes a third the one from which the event is commanded.
func (p *play) link(ctx context.Context) error {
	p.title("She invites it into three rooms and says in each what the room is for")
	for _, room := range []struct {
		id       *string
		name     string
		command  string
		expected string
	}{
		{&p.rooms.everyone, "Camp", "!setroom " + p.event.URL, "opens to every ticket"},
		{&p.rooms.online, "Camp online", `!setroom ` + p.event.URL + ` "Online ticket"`, "opens to tickets for"},
		{&p.crew, "Crew", "!control meadow/camp", "can be commanded from this room"},
	} {
		id, err := p.olga.Room(ctx, room.name, p.stage.Bridge.Bot)
		if err != nil {
			return err
		}
		*room.id, p.places[id] = id, room.name
		if err := p.olga.AwaitMember(ctx, id, p.stage.Bridge.Bot, "join"); err != nil {
			return err
		}
		if err := p.ask(ctx, id, room.command, room.expected); err != nil {
			return err
		}
	}
	return nil
}

// tell lets the organizer ask how it stands.
func (p *play) tell(ctx context.Context) error {
	p.title("Olga asks how it stands")
	return p.ask(ctx, p.crew, "!status", p.typo.Code)
}

// ask shows what the organizer types and what the bot answers.
func (p *play) ask(ctx context.Context, room, text string, words ...string) error {
	return p.askShown(ctx, room, text, text, words...)
}

// askShown is ask for a text that is not for everybody's eyes.
func (p *play) askShown(ctx context.Context, room, text, shown string, words ...string) error {
	p.line(p.place(room), "olga", shown)
	said, err := p.olga.Ask(ctx, room, text, words...)
	if err != nil {
		return fmt.Errorf("olga said %s in %q: %w", shown, p.place(room), err)
	}
	p.answer(said)
	return nil
}

// answer shows what a bot said.
func (p *play) answer(said stage.Happening) {
	p.line(p.place(said.Room), "bot", p.read(said.Text))
}

// place is what a room is called here.
func (p *play) place(room string) string {
	if name, ok := p.places[room]; ok {
		return name
	}
	return "elsewhere"
}

// read is what a person reads of what a bot said.
func (p *play) read(text string) string { return plain(text, p.places) }
