package notices

import (
	"context"

	"go.uber.org/zap"

	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// LinkChange says once that a room has a fault of its own, for which nobody can be invited there, or that it works again.
func (n *Notices) LinkChange(context.Context, database.Link) { n.spawn(n.tellLinks) }

// tellLinks tells of the links of whose state nobody has been told. Each is marked after it was said: a crash in between says it twice, which is
// better than never.
func (n *Notices) tellLinks(ctx context.Context) {
	n.telling.Lock()
	defer n.telling.Unlock()
	links, err := n.store.UntoldLinks(ctx)
	if err != nil {
		if ctx.Err() == nil {
			n.log.Error("links not read", zap.Error(err))
		}
		return
	}
	for _, link := range links {
		n.withKnown(ctx, link.Event, func(known database.Event) {
			if !n.Tell(ctx, known, replies.LinkNews(known, link)) {
				return
			}
			if err := n.store.MarkLinkTold(ctx, link); err != nil {
				n.log.Error("link not marked as told", zap.Stringer("room_id", link.Room), zap.Error(err))
			}
		})
	}
}

// NoLogin says once that nobody's Pretix account sees the event any more.
func (n *Notices) NoLogin(_ context.Context, key database.EventKey) {
	n.tellLater(key, replies.NoLogin)
}

// QuestionGone says once that Pretix no longer has the question that asks for the Matrix ID.
func (n *Notices) QuestionGone(_ context.Context, key database.EventKey) {
	n.tellLater(key, replies.QuestionGone)
}

// Unserved tells of an event whose last connection was given up, in its control rooms only: to others, who gave up theirs, it would tell that
// there was another.
func (n *Notices) Unserved(key database.EventKey) {
	n.spawn(func(ctx context.Context) {
		n.withKnown(ctx, key, func(known database.Event) { n.TellControls(ctx, key, "", replies.NoLogin(known)) })
	})
}

// TestOrder says once what the first order in test mode would have opened: every organizer's first try is one.
func (n *Notices) TestOrder(ctx context.Context, test inviter.TestOrder) (told bool) {
	n.withKnown(ctx, test.Event, func(known database.Event) { told = n.tellCodes(ctx, known, replies.TestOrder(known, test)) })
	return told
}

// tellLater tells without keeping whoever noticed waiting.
func (n *Notices) tellLater(key database.EventKey, text func(known database.Event) string) {
	n.spawn(func(ctx context.Context) {
		n.withKnown(ctx, key, func(known database.Event) { n.Tell(ctx, known, text(known)) })
	})
}

// LoginDied tells the owner of a login that it is of no use any more.
func (n *Notices) LoginDied(_ context.Context, login *pretixconn.Login, reason string) {
	dead := *login
	n.spawn(func(ctx context.Context) {
		select {
		case <-n.started: // what the start itself finds out is told after it
		case <-ctx.Done():
			return
		}
		room, err := n.hs.Direct(ctx, dead.Owner)
		if err != nil {
			n.log.Warn("owner of a dead login not told", zap.String("login", dead.ID), zap.Error(err))
			return
		}
		n.say(ctx, room, replies.LoginDied(dead, reason))
	})
}

func (n *Notices) withKnown(ctx context.Context, key database.EventKey, do func(known database.Event)) {
	known, err := n.store.Event(ctx, key)
	if err != nil {
		n.log.Error("event not read", zap.Stringer("event", key), zap.Error(err))
		return
	}
	do(known)
}
