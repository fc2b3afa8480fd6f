package replies

import (
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
)

// The reasons with which our bots come into a room, and invitations are taken back: everybody in the room may read them.
const (
	BotComes    = "Invites the holders of tickets"
	BridgeComes = "Takes commands"
	TakenBack   = "The invitation was withdrawn"
)

// TalkToBridge declines any other invitation of an event's bot.
func TalkToBridge(bridge id.UserID) string {
	return "Please talk to " + bridge.String() + ", not to me."
}

// BridgeFirst declines one into a room that put the bot out, and where the bridge bot cannot see who invites.
func BridgeFirst(bridge id.UserID) string {
	return "I was put out of this room once. Please invite " + bridge.String() + " first, and then me: it has to see that an admin of the room invites me."
}

// ByAdminOnly declines one by somebody who may not bring the bot back.
func ByAdminOnly(needs int64) string {
	return "I was put out of this room once. I come back if somebody invites me who has the role " + authority.RoleLabel(needs) + " here."
}
