package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// ensureEvent makes sure that an event and its bot are known here and look as Pretix says: name and logo are set before the bot first joins a room.
func (b *Bridge) ensureEvent(ctx context.Context, key database.EventKey) (database.Event, error) {
	state, err := b.pretix.EventState(ctx, key)
	if err != nil {
		return database.Event{}, fmt.Errorf("read event %s: %w", key, err)
	}
	ghostID, err := b.ghostOf(key)
	if err != nil {
		return database.Event{}, err
	}
	if _, err := b.store.EnsureOrganizer(ctx, key.OrganizerKey()); err != nil {
		return database.Event{}, err
	}
	face := homeserver.Face{Name: state.Name.Any()}
	if image, err := b.pretix.EventImage(ctx, key); err == nil {
		face.LogoID, face.Logo = logoID(image), func(context.Context) ([]byte, error) { return image.Data, nil }
	} else if !errors.Is(err, api.ErrNotFound) {
		b.log.Info("logo not read", zap.Stringer("event", key), zap.Error(err))
	}
	bot, err := b.hs.EventBot(ctx, ghostID, face)
	if err != nil {
		return database.Event{}, err
	}
	err = b.store.PutEvent(ctx, database.Event{
		Key: key, Name: state.Name.Any(), PublicURL: state.PublicURL, HasSubevents: state.HasSubevents, GhostID: ghostID, Bot: bot,
	})
	if err != nil {
		return database.Event{}, err
	}
	return b.store.Event(ctx, key)
}

func (b *Bridge) ghostOf(key database.EventKey) (networkid.UserID, error) {
	ghostID, err := homeserver.GhostID(key.Instance, key.Organizer, key.Event, b.mx.Config.AppService.FormatUsername, b.domain)
	if err != nil {
		return "", fmt.Errorf("name the bot of %s: %w", key, err)
	}
	return ghostID, nil
}

// botOf is the user that an event's bot is, was, or would be.
func (b *Bridge) botOf(ctx context.Context, key database.EventKey) (id.UserID, error) {
	known, err := b.store.Event(ctx, key)
	if !errors.Is(err, database.ErrNotFound) {
		return known.Bot, err
	}
	ghostID, err := b.ghostOf(key)
	if err != nil {
		return "", err
	}
	return b.hs.BotOf(ghostID), nil
}

// logoID changes when the picture does: Pretix gives a changed one a new address, but also an unchanged one a new signature.
func logoID(image api.Image) string {
	sum := sha256.Sum256(image.Data)
	return hex.EncodeToString(sum[:])
}

// bringBot takes the event's bot into a room: the bridge bot invites it where it may. Then, or when it is there already, the link becomes active if
// the bot may invite. Whatever is missing stands in the link's reason, and the rest follows when it has come.
func (b *Bridge) bringBot(ctx context.Context, key database.EventKey, room id.RoomID, via []string) error {
	known, err := b.store.Event(ctx, key)
	if err != nil {
		return err
	}
	membership, err := b.hs.Membership(ctx, b.hs.Bot(), room, known.Bot)
	if err != nil {
		return err
	}
	if membership == event.MembershipBan {
		return b.store.SetLinkState(ctx, key, room, database.LinkSuspended, database.LinkBanned)
	}
	if membership != event.MembershipJoin {
		if membership != event.MembershipInvite {
			if err := b.hs.Invite(ctx, b.hs.Bot(), room, known.Bot, replies.BotComes); err != nil {
				return err
			}
		}
		if err := b.hs.Join(ctx, known.Bot, room, via...); err != nil {
			return err
		}
	}
	_, err = b.keeper.Activate(ctx, known, room)
	return err
}
