package keeper

import (
	"context"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// Homeserver is what the keeper asks of the homeserver: *homeserver.Server. Its errors are [*homeserver.Error].
type Homeserver interface {
	Bot() id.UserID
	IsOurs(user id.UserID) bool
	RoomState(ctx context.Context, as id.UserID, room id.RoomID, also ...id.UserID) (authority.Room, error)
	Tombstone(ctx context.Context, as id.UserID, room id.RoomID) (successor id.RoomID, replaced bool, err error)
	Invite(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID, reason string) error
	Join(ctx context.Context, as id.UserID, room id.RoomID, via ...string) error
	Leave(ctx context.Context, as id.UserID, room id.RoomID, reason string) error
	Direct(ctx context.Context, user id.UserID) (id.RoomID, error)
	Speaker(ctx context.Context, room id.RoomID) id.UserID
	Say(ctx context.Context, m homeserver.Message) (id.EventID, error)
}

// Inviter is who asks people into the rooms, and hears what has changed in them: *inviter.Inviter.
type Inviter interface {
	Wake()
	RoomChanged(room id.RoomID)
	MemberChanged(ctx context.Context, evt *event.Event)
}

// Pretix is what tells of orders: *pretixconn.Connector.
type Pretix interface {
	EnsureWebhook(ctx context.Context, organizer database.OrganizerKey) (pretixconn.WebhookReport, error)
	DropWebhook(ctx context.Context, organizer database.OrganizerKey) (manual bool, err error)
}

var (
	_ Homeserver = (*homeserver.Server)(nil)
	_ Inviter    = (*inviter.Inviter)(nil)
	_ Pretix     = (*pretixconn.Connector)(nil)
)
