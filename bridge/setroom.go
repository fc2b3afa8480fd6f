package bridge

import (
	"context"
	"errors"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
)

// linking is one `!setroom` on its way.
type linking struct {
	key  database.EventKey
	room typed.Room
	rule database.Rule // as far as it is known
	all  bool          // open to every ticket, said in so many words
}

func (l linking) narrows() bool { return l.rule != (database.Rule{}) }

// setroom ties an event to a room: which event, then which room, then who may, then which product, and only then anything happens.
func (b *Bridge) setroom(ctx context.Context, c *call) {
	if len(c.args) == 0 {
		b.showLinks(ctx, c)
		return
	}
	if c.roomFirst() {
		c.quietly(ctx, database.EventKey{}, replies.EventFirst("setroom"))
		return
	}
	b.withEvent(ctx, c, c.args[0], func(ctx context.Context, c *call, key database.EventKey) {
		room, words, named, err := b.roomArgument(ctx, c, c.args[1:])
		if err != nil {
			c.roomNotFound(ctx, err)
			return
		}
		place, err := b.meantToOpen(ctx, c, room.ID, named)
		switch {
		case err != nil:
			c.failed(ctx, "look at the room", err)
		case place == isTalk:
			c.quietly(ctx, key, replies.WhichRoomNotTalk(key))
		case place == isControlRoom:
			c.quietly(ctx, key, replies.WhichRoomNotControl(key))
		default:
			b.chooseRule(ctx, c, linking{key: key, room: room}, c.words[len(c.words)-len(words):])
		}
	})
}

// linkPlace says whether a room can be what somebody means to open to tickets.
type linkPlace int

const (
	opensToTickets linkPlace = iota
	isTalk                   // the talk of somebody with the bridge bot
	isControlRoom            // a room of those who run an event, which nobody has named
)

// meantToOpen looks whether tickets should open a room. In it stand tokens, addresses and order codes where it is a talk with the bridge bot, which is
// never opened, or a control room, which is opened only if somebody says so in so many words.
func (b *Bridge) meantToOpen(ctx context.Context, c *call, room id.RoomID, named bool) (linkPlace, error) {
	talk, err := b.store.IsDirect(ctx, room)
	if err != nil || talk && b.alone(ctx, room, c.sender) {
		return isTalk, err
	}
	if named {
		return opensToTickets, nil
	}
	controls, err := b.store.ControlsIn(ctx, room)
	if err != nil || len(controls) == 0 {
		return opensToTickets, err
	}
	links, err := b.store.LinksIn(ctx, room)
	if err != nil || len(links) > 0 {
		return opensToTickets, err
	}
	return isControlRoom, nil
}

// link puts the link and its rule into the database, brings the event's bot in and answers with everything that still stands in the way.
func (b *Bridge) link(ctx context.Context, c *call, decision authority.Decision, l linking) {
	event, err := b.ensureEvent(ctx, l.key)
	if err != nil {
		c.failed(ctx, "set up event", err)
		return
	}
	change, err := b.putLink(ctx, c.sender, l)
	if err != nil {
		c.failed(ctx, "store link", err)
		return
	}
	if change == replies.LinkUnchanged {
		b.tellRules(ctx, c, decision.Answer, l)
		return
	}
	told := c.tell(ctx, decision.Answer, replies.Linking(event))
	follow := *c
	b.spawn(func(ctx context.Context) {
		defer b.keeper.Begin(ctx, told.message.Room, told.id)()
		b.finishLink(ctx, &follow, told, l, change, decision.Scope.Secrets)
	})
}

// putLink applies what was asked to what is there. A narrowed link is never opened by leaving the product out: that takes the word "all".
// Two who say it at the same time both get what they asked for.
func (b *Bridge) putLink(ctx context.Context, by id.UserID, l linking) (change replies.LinkChange, err error) {
	err = b.store.Alone(ctx, l.key, func(ctx context.Context) error {
		change, err = b.changeLink(ctx, by, l)
		return err
	})
	return change, err
}

func (b *Bridge) changeLink(ctx context.Context, by id.UserID, l linking) (replies.LinkChange, error) {
	old, err := b.store.Link(ctx, l.key, l.room.ID)
	switch {
	case errors.Is(err, database.ErrNotFound):
		link := database.Link{
			Event: l.key, Room: l.room.ID, LinkedBy: by, LinkedAt: b.now(), State: database.LinkPending, Reason: database.LinkNoBot, Since: b.now(),
		}
		if l.narrows() {
			link.Rules = []database.Rule{l.rule}
		}
		_, err = b.store.PutLink(ctx, link)
		return replies.LinkMade, err
	case err != nil:
		return replies.LinkUnchanged, err
	case l.all && len(old.Rules) > 0:
		_, err = b.store.DeleteRules(ctx, l.key, l.room.ID)
		return replies.LinkOpened, err
	case l.narrows():
		_, err = b.store.AddRule(ctx, l.key, l.room.ID, l.rule)
		if len(old.Rules) == 0 {
			return replies.LinkNarrowed, err
		}
		return replies.LinkWidened, err
	case len(old.Rules) > 0 && !l.all:
		return replies.LinkUnchanged, nil
	}
	return replies.LinkConfirmed, nil
}

// tellRules answers a `!setroom` without a product in a room that has rules.
func (b *Bridge) tellRules(ctx context.Context, c *call, where authority.Answer, l linking) {
	link, err := b.store.Link(ctx, l.key, l.room.ID)
	if err != nil {
		c.failed(ctx, "read link", err)
		return
	}
	rules, err := b.ruleTexts(ctx, link)
	if err != nil {
		c.failed(ctx, "read products", err)
		return
	}
	c.tell(ctx, where, replies.HasRules(link, rules))
}

// finishLink does what takes longer, and puts the checklist in the place of the first answer. The link stands already: what goes wrong here costs a
// line of the list.
func (b *Bridge) finishLink(ctx context.Context, c *call, told *said, l linking, change replies.LinkChange, private bool) {
	if err := b.bringBot(ctx, l.key, l.room.ID, l.room.Via); err != nil {
		b.log.Info("event bot not brought in", zap.Stringer("room_id", l.room.ID), zap.Error(err))
	}
	question, err := b.settleQuestion(askingPretix(ctx), l.key)
	if err == nil && question.Known {
		err = b.scan(ctx, told, l.key)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		b.log.Error("orders of a linked event not read", zap.Stringer("event", l.key), zap.Error(err))
	}
	list, listErr := b.checklist(askingPretix(ctx), l.key, l.room.ID, question)
	if listErr != nil {
		b.log.Error("checklist not made", zap.Stringer("event", l.key), zap.Error(listErr))
		told.edit(ctx, replies.LinkedBut(l.key, l.room.ID, listErr))
		return
	}
	list.Private, list.Unread = private, err
	list.Awaits = !question.Known && b.awaitQuestion(c, told, l.key, question)
	told.edit(ctx, replies.Linked(list, change, told.message.Room != l.room.ID))
}

// showLinks answers `!setroom` alone: which events this room is tied to, and how.
func (b *Bridge) showLinks(ctx context.Context, c *call) {
	decision, ok := c.may(ctx, authority.ShowLinks, database.EventKey{}, c.room)
	if !ok {
		return
	}
	links, err := b.store.LinksIn(ctx, c.room)
	if err != nil {
		c.failed(ctx, "list links", err)
		return
	}
	var shown []replies.ShownLink
	for _, link := range links {
		if !decision.Scope.ShowsEvent(link.Event) {
			continue
		}
		text, err := b.shownLink(ctx, link)
		if err != nil {
			c.failed(ctx, "describe link", err)
			return
		}
		shown = append(shown, text)
	}
	c.tell(ctx, decision.Answer, replies.Links(shown, b.prefix))
}
