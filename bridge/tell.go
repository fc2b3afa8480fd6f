package bridge

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// tellEvent says something to those who command an event, in its control rooms or else to who linked its rooms, and reports whether anybody could be
// told. It must not hold order codes: see [Bridge.tellCodes].
func (b *Bridge) tellEvent(ctx context.Context, known database.Event, text string) bool {
	return b.tellThose(ctx, known.Key, b.linkers, text)
}

// tellCodes does the same with what holds order codes: without a control room, only to people who speak for the event now.
func (b *Bridge) tellCodes(ctx context.Context, known database.Event, text string) bool {
	return b.tellThose(ctx, known.Key, b.vouchers, text)
}

// tellThose says something in the event's control rooms, or else to the people given.
func (b *Bridge) tellThose(
	ctx context.Context, key database.EventKey, who func(context.Context, database.EventKey) ([]id.UserID, error), text string,
) bool {
	rooms, err := b.noticeRooms(ctx, key)
	told := err == nil && b.sayIn(ctx, rooms, text)
	if err == nil && !told {
		var people []id.UserID
		people, err = who(ctx, key)
		told = err == nil && b.sayIn(ctx, b.talksWith(ctx, people), text)
	}
	if !told && ctx.Err() == nil {
		b.log.Warn("nobody could be told", zap.Stringer("event", key), zap.Error(err))
	}
	return told
}

// sayThere says something in a room, if that can be done.
func (b *Bridge) sayThere(ctx context.Context, room id.RoomID, text string) {
	b.say(ctx, homeserver.Message{Room: room, Markdown: text})
}

// sayIn says something in several rooms, and reports whether it stands in one of them now.
func (b *Bridge) sayIn(ctx context.Context, rooms []id.RoomID, text string) (said bool) {
	for _, room := range rooms {
		said = b.say(ctx, homeserver.Message{Room: room, Markdown: text}).id != "" || said
	}
	return said
}

// noticeRooms are the event's control rooms, but for those that tickets open.
func (b *Bridge) noticeRooms(ctx context.Context, key database.EventKey) ([]id.RoomID, error) {
	controls, err := b.store.ControlsOf(ctx, key)
	if err != nil {
		return nil, err
	}
	var rooms []id.RoomID
	for _, control := range controls {
		links, err := b.store.LinksIn(ctx, control.Room)
		if err != nil {
			return nil, err
		}
		if len(links) == 0 {
			rooms = append(rooms, control.Room)
		}
	}
	return rooms, nil
}

// linkers are those who linked the event's rooms.
func (b *Bridge) linkers(ctx context.Context, key database.EventKey) ([]id.UserID, error) {
	links, err := b.store.LinksOf(ctx, key)
	if err != nil {
		return nil, err
	}
	var people []id.UserID
	for _, link := range links {
		if !slices.Contains(people, link.LinkedBy) {
			people = append(people, link.LinkedBy)
		}
	}
	return people, nil
}

// vouchers are those of the linkers who may see order codes now; where none may any more, everybody whose live login sees the event.
func (b *Bridge) vouchers(ctx context.Context, key database.EventKey) ([]id.UserID, error) {
	people, err := b.linkers(ctx, key)
	if err != nil {
		return nil, err
	}
	var vouchers []id.UserID
	for _, person := range people {
		request, err := b.request(askingPretix(ctx), person, authority.Place{Direct: true}, authority.Report, key, "")
		if err != nil {
			return nil, err
		}
		decision := authority.Decide(request)
		if decision.Allowed && decision.Scope.Codes {
			vouchers = append(vouchers, person)
		}
	}
	if len(vouchers) > 0 {
		return vouchers, nil
	}
	return b.pretix.OwnersSeeing(ctx, key)
}

// talksWith gives the talks with people, made where there is none. Who cannot be talked to is left out.
func (b *Bridge) talksWith(ctx context.Context, people []id.UserID) []id.RoomID {
	var rooms []id.RoomID
	for _, person := range people {
		room, err := b.hs.Direct(ctx, person)
		if err != nil {
			b.log.Info("no talk with somebody who is to be told", zap.Error(err))
			continue
		}
		rooms = append(rooms, room)
	}
	return rooms
}

// tellLinkChange says once that a room has a fault of its own, for which nobody can be invited there, or that it works again.
func (b *Bridge) tellLinkChange(context.Context, database.Link) { b.spawn(b.tellLinks) }

// tellLinks tells of the links of whose state nobody has been told. Each is marked after it was said: a crash in between says it twice, which is
// better than never.
func (b *Bridge) tellLinks(ctx context.Context) {
	b.telling.Lock()
	defer b.telling.Unlock()
	links, err := b.store.UntoldLinks(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.log.Error("links not read", zap.Error(err))
		}
		return
	}
	for _, link := range links {
		b.withKnown(ctx, link.Event, func(known database.Event) {
			if !b.tellEvent(ctx, known, replies.LinkNews(known, link)) {
				return
			}
			if err := b.store.MarkLinkTold(ctx, link); err != nil {
				b.log.Error("link not marked as told", zap.Stringer("room_id", link.Room), zap.Error(err))
			}
		})
	}
}

// roomStopped follows when nobody can be invited into a room any more. One that was replaced is not mended where it is.
func (b *Bridge) roomStopped(ctx context.Context, link database.Link) {
	if link.Reason != database.LinkReplaced {
		b.tellLinkChange(ctx, link)
		return
	}
	b.spawn(func(ctx context.Context) { b.keeper.Follow(ctx, link) })
}

// tellNoLogin says once that nobody's Pretix account sees the event any more.
func (b *Bridge) tellNoLogin(_ context.Context, key database.EventKey) {
	b.tellLater(key, replies.NoLogin)
}

// tellQuestionGone says once that Pretix no longer has the question that asks for the Matrix ID.
func (b *Bridge) tellQuestionGone(_ context.Context, key database.EventKey) {
	b.tellLater(key, replies.QuestionGone)
}

// tellUnserved tells of an event whose last connection was given up, in its control rooms only: to others, who gave up theirs, it would tell that
// there was another.
func (b *Bridge) tellUnserved(key database.EventKey) {
	b.spawn(func(ctx context.Context) {
		b.withKnown(ctx, key, func(known database.Event) {
			rooms, err := b.noticeRooms(ctx, key)
			if err != nil {
				b.log.Error("control rooms not read", zap.Stringer("event", key), zap.Error(err))
				return
			}
			b.sayIn(ctx, rooms, replies.NoLogin(known))
		})
	})
}

// tellTestOrder says once what the first order in test mode would have opened: every organizer's first try is one.
func (b *Bridge) tellTestOrder(ctx context.Context, test inviter.TestOrder) (told bool) {
	b.withKnown(ctx, test.Event, func(known database.Event) { told = b.tellCodes(ctx, known, replies.TestOrder(known, test)) })
	return told
}

// tellLater tells without keeping whoever noticed waiting.
func (b *Bridge) tellLater(key database.EventKey, text func(known database.Event) string) {
	b.spawn(func(ctx context.Context) {
		b.withKnown(ctx, key, func(known database.Event) { b.tellEvent(ctx, known, text(known)) })
	})
}

// tellLoginDied tells the owner of a login that it is of no use any more.
func (b *Bridge) tellLoginDied(_ context.Context, login *pretixconn.Login, reason string) {
	dead := *login
	b.spawn(func(ctx context.Context) {
		select {
		case <-b.started: // what the start itself finds out is told after it
		case <-ctx.Done():
			return
		}
		room, err := b.hs.Direct(ctx, dead.Owner)
		if err != nil {
			b.log.Warn("owner of a dead login not told", zap.String("login", dead.ID), zap.Error(err))
			return
		}
		b.say(ctx, homeserver.Message{Room: room, Markdown: replies.LoginDied(dead, reason)})
	})
}

func (b *Bridge) withKnown(ctx context.Context, key database.EventKey, do func(known database.Event)) {
	known, err := b.store.Event(ctx, key)
	if err != nil {
		b.log.Error("event not read", zap.Stringer("event", key), zap.Error(err))
		return
	}
	do(known)
}
