package homeserver

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"
)

// errNotKept says that the lean state store does not keep what was asked for: it must be read from the homeserver.
var errNotKept = errors.New("not kept in the state store")

// leanStore wraps the framework's state store, which would write down every member of every room with their name and who has
// which power. The lean one keeps our own users; of encrypted rooms in which the bridge bot is also the IDs of those who are
// joined, because encryption is for them; and the one invited to a talk of two with the bridge bot, which invited tells, so that what is said before
// they come can be read. Power levels and create events are not kept: they must be read fresh anyway.
type leanStore struct {
	*sqlstatestore.SQLStateStore
	bot     id.UserID // who speaks in encrypted rooms
	ours    func(id.UserID) bool
	invited func(context.Context, id.RoomID, id.UserID) bool
	changed func(id.RoomID) // somebody's membership changed; nil: nobody wants to know
}

var _ appservice.StateStore = (*leanStore)(nil)

func newLeanStore(inner *sqlstatestore.SQLStateStore, bot id.UserID, ours func(id.UserID) bool,
	invited func(context.Context, id.RoomID, id.UserID) bool,
) *leanStore {
	inner.DisableNameDisambiguation = true
	return &leanStore{SQLStateStore: inner, bot: bot, ours: ours, invited: invited}
}

const deleteMemberQuery = `DELETE FROM mx_user_profile WHERE room_id=$1 AND user_id=$2`

// keeps reports whether a membership of somebody who is not ours must be kept.
func (l *leanStore) keeps(ctx context.Context, room id.RoomID, user id.UserID, membership event.Membership) (bool, error) {
	if membership != event.MembershipJoin && membership != event.MembershipInvite {
		return false, nil
	}
	speaks, err := l.speaksTo(ctx, room)
	if err != nil || !speaks {
		return false, err
	}
	return membership == event.MembershipJoin || l.invited(ctx, room, user), nil
}

// speaksTo reports whether the bridge bot is in a room and it is encrypted, so that it must be known for whom to encrypt. A
// room into which it comes is read anew.
func (l *leanStore) speaksTo(ctx context.Context, room id.RoomID) (bool, error) {
	encrypted, err := l.IsEncrypted(ctx, room)
	return encrypted && err == nil && l.IsInRoom(ctx, room, l.bot), err
}

// SetMember keeps the membership of our own users with name and picture, of others at most the bare membership.
func (l *leanStore) SetMember(ctx context.Context, room id.RoomID, user id.UserID, member *event.MemberEventContent) error {
	if l.ours(user) {
		return l.SQLStateStore.SetMember(ctx, room, user, member)
	}
	return l.SetMembership(ctx, room, user, member.Membership)
}

// SetMembership keeps the membership if need be, and else forgets the member.
func (l *leanStore) SetMembership(ctx context.Context, room id.RoomID, user id.UserID, membership event.Membership) error {
	if l.ours(user) {
		return l.SQLStateStore.SetMembership(ctx, room, user, membership)
	}
	if l.changed != nil {
		l.changed(room)
	}
	kept, err := l.keeps(ctx, room, user, membership)
	if err != nil {
		return fmt.Errorf("look up whether a member must be kept: %w", err)
	}
	if kept {
		return l.SQLStateStore.SetMembership(ctx, room, user, membership)
	}
	if _, err := l.Exec(ctx, deleteMemberQuery, room, user); err != nil {
		return fmt.Errorf("forget a member: %w", err)
	}
	return nil
}

// ReplaceCachedMembers does the same to a whole list.
func (l *leanStore) ReplaceCachedMembers(ctx context.Context, room id.RoomID, evts []*event.Event, only ...event.Membership) error {
	encrypted, err := l.IsEncrypted(ctx, room)
	if err != nil {
		return fmt.Errorf("look up whether members must be kept: %w", err)
	}
	var kept []*event.Event
	for _, evt := range evts {
		content, ok := evt.Content.Parsed.(*event.MemberEventContent)
		if !ok || evt.StateKey == nil {
			continue
		}
		switch user := id.UserID(*evt.StateKey); {
		case l.ours(user):
			kept = append(kept, evt)
		case !encrypted:
		case content.Membership == event.MembershipJoin,
			content.Membership == event.MembershipInvite && l.invited(ctx, room, user):
			bare := &event.MemberEventContent{Membership: content.Membership}
			kept = append(kept, &event.Event{StateKey: evt.StateKey, Type: evt.Type, RoomID: room, Content: event.Content{Parsed: bare}})
		}
	}
	return l.SQLStateStore.ReplaceCachedMembers(ctx, room, kept, only...)
}

// SetEncryptionEvent keeps that a room is encrypted in the way that we know. A later event cannot undo it: in Matrix the way
// back does not exist, whoever has the power to send such an event.
func (l *leanStore) SetEncryptionEvent(ctx context.Context, room id.RoomID, content *event.EncryptionEventContent) error {
	if content == nil || content.Algorithm != id.AlgorithmMegolmV1 {
		return nil
	}
	return l.SQLStateStore.SetEncryptionEvent(ctx, room, content)
}

// MarkMembersFetched does nothing, because the members are not kept.
func (*leanStore) MarkMembersFetched(context.Context, id.RoomID) error { return nil }

// HasFetchedMembers says no, because whoever believes the opposite counts the members that are kept.
func (*leanStore) HasFetchedMembers(context.Context, id.RoomID) (bool, error) { return false, nil }

// IsConfusableName finds nobody, because names are not kept.
func (*leanStore) IsConfusableName(context.Context, id.RoomID, id.UserID, string) ([]id.UserID, error) {
	return nil, nil
}

// SetPowerLevels does nothing: power levels name people.
func (*leanStore) SetPowerLevels(context.Context, id.RoomID, *event.PowerLevelsEventContent) error {
	return nil
}

// GetPowerLevels knows none.
func (*leanStore) GetPowerLevels(context.Context, id.RoomID) (*event.PowerLevelsEventContent, error) {
	return nil, nil
}

// GetPowerLevel refuses: the framework's would panic.
func (*leanStore) GetPowerLevel(context.Context, id.RoomID, id.UserID) (int, error) {
	return 0, errNotKept
}

// GetPowerLevelRequirement refuses: the framework's would panic.
func (*leanStore) GetPowerLevelRequirement(context.Context, id.RoomID, event.Type) (int, error) {
	return 0, errNotKept
}

// HasPowerLevel refuses: the framework's would panic.
func (*leanStore) HasPowerLevel(context.Context, id.RoomID, id.UserID, event.Type) (bool, error) {
	return false, errNotKept
}

// SetCreate does nothing: the event names who made the room.
func (*leanStore) SetCreate(context.Context, *event.Event) error { return nil }

// GetCreate knows none.
func (*leanStore) GetCreate(context.Context, id.RoomID) (*event.Event, error) { return nil, nil }
