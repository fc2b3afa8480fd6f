package replies

import (
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// Checklist is what an organizer must know after linking a room: what works, and what still stands in the way with its remedy. It holds values
// only; [Linked] makes words of it.
type Checklist struct {
	Event    database.Event
	Shop     api.Event
	ShopErr  error // why it could not be read
	Link     database.Link
	Rules    []string
	Room     id.RoomID
	Question AskedFor
	Coverage pretixconn.Coverage // of the products that open the room, by the question
	Products []api.Item          // which give them their names
	Awaits   bool                // an answer in this place settles the question
	Unread   error               // why the questions or the orders could not be read
	Webhook  pretixconn.WebhookReport
	HookErr  error
	Heard    time.Time // when Pretix last called
	Now      time.Time
	Private  bool // the answer is read by those only who may know the webhook's address
	Bot      BotStanding
	Matching database.MatchingCount // tickets that open the room already
	Invites  []database.InviteCount // and what became of the people whom they name
	Every    time.Duration          // how often is swept, for those without a webhook
}

// BotStanding is what the event's bot is in the room.
type BotStanding struct {
	Joined, CanInvite bool
	Needs             int64 // the level that may invite
}

// Linked is the checklist: what was done, then a line for each thing that works or is missing.
func Linked(list Checklist, change LinkChange, elsewhere bool) string {
	where := "this room"
	if elsewhere {
		where = homeserver.RoomLink(list.Room, "the room")
	}
	lines := []string{linkChange(list, change, where), ""}
	for _, line := range []string{botLine(list), shopLine(list), questionLine(list), webhookLine(list), matchingLine(list)} {
		if line != "" {
			lines = append(lines, "- "+line)
		}
	}
	return strings.Join(lines, "\n")
}

// LinkedBut is said in the place of the checklist: the link stands, whatever went wrong afterwards.
func LinkedBut(key database.EventKey, room id.RoomID, err error) string {
	return "✅ The room is linked to " + eventName(key) + ", but I could not look at everything that belongs to it. " + trouble(err) + " " +
		lookAgain(key, room)
}

// lookAgain names the command that makes the checklist anew, as it can be typed anywhere.
func lookAgain(key database.EventKey, room id.RoomID) string {
	return "For a new look say `!setroom " + reference(key) + " " + typable(room) + "`."
}

// botLine says whether the event's bot can do its work, and else who has to do what, by the names that Element shows.
func botLine(list Checklist) string {
	bot := homeserver.UserLink(list.Event.Bot)
	switch {
	case list.Link.Reason == database.LinkBanned:
		return "❌ " + bot + " is banned here. Unban it, then invite it."
	case !list.Bot.Joined:
		return "❌ Please invite " + bot + " into the room: it sends the invitations. The rest follows by itself when it has come."
	case !list.Bot.CanInvite:
		return fmt.Sprintf("❌ %s may not invite. Give it the role %s in the room's settings under *Roles & permissions*, or lower the role needed to invite.",
			bot, authority.RoleLabel(list.Bot.Needs))
	}
	return "✅ " + bot + " is in the room and may invite."
}

func shopLine(list Checklist) string {
	switch {
	case list.ShopErr != nil:
		return "⚠️ I could not see whether the shop is live. " + trouble(list.ShopErr)
	case list.Shop.Testmode:
		return "⚠️ The shop is in test mode: test orders invite nobody."
	case !list.Shop.Live:
		return "⚠️ The shop is not live yet."
	}
	return "✅ The shop is live, and I can read its orders."
}

// heardLately is how long ago Pretix may have called for a webhook that somebody entered by hand to count as at work.
const heardLately = 24 * time.Hour

// webhookLine says how soon a purchase is noticed, and what to enter where if that could be sooner.
func webhookLine(list Checklist) string {
	switch {
	case list.HookErr != nil:
		return "⚠️ I could not see whether Pretix tells me of orders. " + trouble(list.HookErr) + " Meanwhile I look every " + each(list.Every) + "."
	case list.Webhook.State == pretixconn.WebhookRegistered:
		return "✅ Pretix tells me of each order at once."
	case list.Webhook.State == pretixconn.WebhookManual && list.Now.Sub(list.Heard) < heardLately:
		return "✅ Pretix tells me of each order at once. It last called " + ago(list.Heard, list.Now) + "."
	case list.Webhook.State == pretixconn.WebhookManual:
		if !list.Private {
			return "⚠️ For invitations at once, Pretix has to be told my address. It is a secret: to see it say in our private talk `!setroom " +
				reference(list.Event.Key) + " " + typable(list.Room) + "`. Until then I look every " + each(list.Every) + "."
		}
		return "⚠️ For invitations at once, enter this in Pretix under *Organizer account → Webhooks*, for all events and all order actions: `" + list.Webhook.Target +
			"`. It is a secret. Until then I look every " + each(list.Every) + "."
	}
	return "✅ I look for new orders every " + each(list.Every) + ", so invitations come within about that time."
}
