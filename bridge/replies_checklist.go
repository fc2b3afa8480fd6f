package bridge

import (
	"errors"
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

// sayLinked is the checklist: what was done, then a line for each thing that works or is missing.
func sayLinked(list checklist, change linkChange, elsewhere bool) string {
	where := "this room"
	if elsewhere {
		where = homeserver.RoomLink(list.Room, "the room")
	}
	lines := []string{sayLinkChange(list, change, where), ""}
	for _, line := range []string{sayBotLine(list), sayShopLine(list), sayQuestionLine(list), sayWebhookLine(list), sayMatchingLine(list)} {
		if line != "" {
			lines = append(lines, "- "+line)
		}
	}
	return strings.Join(lines, "\n")
}

// sayLinkedBut is said in the place of the checklist: the link stands, whatever went wrong afterwards.
func sayLinkedBut(l linking, err error) string {
	return "✅ The room is linked to " + eventName(l.key) + ", but I could not look at everything that belongs to it. " + sayTrouble(err) + " " +
		sayLookAgain(l.key, l.room.ID)
}

// sayLookAgain names the command that makes the checklist anew, as it can be typed anywhere.
func sayLookAgain(key database.EventKey, room id.RoomID) string {
	return "For a new look say `!setroom " + reference(key) + " " + typable(room) + "`."
}

// reference is an event as it can be typed.
func reference(key database.EventKey) string { return key.Organizer + "/" + key.Event }

// typable is a room as it can be typed and shown as code, in which an odd ID must not end.
func typable(room id.RoomID) string {
	if strings.ContainsAny(string(room), "`\\\n") {
		return room.URI().MatrixToURL()
	}
	return string(room)
}

// sayTrouble says why a part of something could not be done.
func sayTrouble(err error) string {
	switch {
	case errors.Is(err, pretixconn.ErrNoLogin), errors.Is(err, api.ErrForbidden), errors.Is(err, api.ErrUnavailable), errors.Is(err, homeserver.ErrUnavailable):
		return sayFailed(err)
	}
	return "Something went wrong on my side, and it is in the log."
}

func sayLinkChange(list checklist, change linkChange, where string) string {
	name := bold(list.Event.Name)
	who := sayRule(list.Rules)
	switch change {
	case linkNarrowed:
		return fmt.Sprintf("%s: every ticket opened %s until now; from now on it opens to %s only.", name, where, who)
	case linkWidened:
		return fmt.Sprintf("%s: %s now opens to %s.", name, where, who)
	case linkOpened:
		return fmt.Sprintf("%s: %s opens to every ticket again.", name, where)
	case linkConfirmed:
		return fmt.Sprintf("%s: %s is linked already and opens to %s.", name, where, who)
	}
	return fmt.Sprintf("%s: %s is linked and opens to %s.", name, where, who)
}

// sayRule says in words which tickets open a room.
func sayRule(rules []string) string {
	if len(rules) == 0 {
		return "every ticket"
	}
	return "tickets for " + inline(lines(rules, bold), " or ")
}

// sayBotLine says whether the event's bot can do its work, and else who has to do what, by the names that Element shows.
func sayBotLine(list checklist) string {
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

func sayShopLine(list checklist) string {
	switch {
	case list.ShopErr != nil:
		return "⚠️ I could not see whether the shop is live. " + sayTrouble(list.ShopErr)
	case list.Shop.Testmode:
		return "⚠️ The shop is in test mode: test orders invite nobody."
	case !list.Shop.Live:
		return "⚠️ The shop is not live yet."
	}
	return "✅ The shop is live, and I can read its orders."
}

// sayQuestionLine says which question asks for the Matrix ID, or what to do about it.
func sayQuestionLine(list checklist) string {
	q, key := list.Question, list.Event.Key
	line := ""
	switch {
	case q.Known:
		line = "✅ The question " + bold(q.Question.Question.Any()) + " asks for the Matrix ID."
		if list.Unread != nil {
			line += "\n- ⚠️ I could not read the orders to the end. " + sayTrouble(list.Unread) + " " + sayLookAgain(key, list.Room)
		}
	case list.Unread != nil:
		line = "⚠️ I could not read which question asks for the Matrix ID. " + sayTrouble(list.Unread) + " " + sayLookAgain(key, list.Room)
	case q.Proposal != nil && list.Awaits:
		line = "❓ Does the question " + bold(q.Proposal.Question.Any()) + " ask for the Matrix ID? Answer `yes`, or `no`."
	case q.Proposal != nil:
		line = "❓ Does the question " + bold(q.Proposal.Question.Any()) + fmt.Sprintf(" ask for the Matrix ID? Then say `!set %s question %d`.", reference(key), q.Proposal.ID)
	case len(q.Choices) > 0 && list.Awaits:
		line = "❓ Which question asks for the Matrix ID? Answer with its number, or add one in Pretix with the identifier `matrix`." + listQuestions(q.Choices)
	case len(q.Choices) > 0:
		line = "❓ Which question asks for the Matrix ID? `!set " + reference(key) + " question <number>` chooses one of these, or add one in Pretix with the identifier " +
			"`matrix`." + listQuestions(q.Choices)
	default:
		line = "❌ No question asks for the Matrix ID. Add one in Pretix under *Products → Questions*: type *text (one line)*, identifier `matrix`. " +
			sayLookAgain(key, list.Room)
	}
	var perOrder []string
	for _, unusable := range q.Unusable {
		if unusable.PerOrder {
			perOrder = append(perOrder, "⚠️ The question "+bold(unusable.Question.Any())+" is asked once per order: Pretix does not hand out its answers. Ask it per ticket.")
		}
	}
	return line + listed(perOrder)
}

func listQuestions(questions []api.Question) string {
	return listedBelow(lines(questions, func(q api.Question) string { return fmt.Sprintf("`%d` %s", q.ID, quote(q.Question.Any())) }))
}

// heardLately is how long ago Pretix may have called for a webhook that somebody entered by hand to count as at work.
const heardLately = 24 * time.Hour

// sayWebhookLine says how soon a purchase is noticed, and what to enter where if that could be sooner.
func sayWebhookLine(list checklist) string {
	switch {
	case list.HookErr != nil:
		return "⚠️ I could not see whether Pretix tells me of orders. " + sayTrouble(list.HookErr) + " Meanwhile I look every " + each(list.Every) + "."
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

// sayMatchingLine says how many tickets open the room, and of the people whom they name how many have been asked, by what stands in their rows.
func sayMatchingLine(list checklist) string {
	if list.Matching.Tickets == 0 {
		if !list.Question.Known || list.Unread != nil {
			return ""
		}
		return "✅ No ticket sold so far opens the room. From now on each new one is invited."
	}
	line := sayAsked(list)
	if unnamed := list.Matching.Unnamed; unnamed > 0 {
		line += "\n- ⚠️ " + verb(unnamed, "of them names no Matrix ID, so that nobody can be invited by it.", "of them name no Matrix ID, so that nobody can be invited by them.") +
			" It can be added to the order in Pretix, by its buyer too; `!status` says which orders these are."
	}
	return line
}

func sayAsked(list checklist) string {
	matching, people := matches(list.Matching.Tickets), list.Invites
	asked := people.Invited + people.Joined + people.Gone
	under := people.Queued + people.Waiting
	switch {
	case people.Held > 0 && asked+under+people.Failed > 0:
		return fmt.Sprintf("ℹ️ %s; %s not asked yet. `!batchinvite` invites them. Each new ticket is invited by itself.",
			matching, verb(people.Held, "person was", "people were"))
	case people.Held > 0:
		return fmt.Sprintf("ℹ️ %s already. They are not invited by this: `!batchinvite` does that. From now on each new one is invited.", matching)
	case under+people.Failed > 0:
		return fmt.Sprintf("ℹ️ %s: %s asked, %d about to be, %d cannot be. `!status` says more. Each new one is invited, too.",
			matching, verb(asked, "person was", "people were"), under, people.Failed)
	case asked > 0:
		return "✅ " + matching + ", and all whom they name were asked. Each new one is invited, too."
	}
	return "ℹ️ " + matching + ". Each new one is invited."
}

func matches(n int) string {
	if n == 1 {
		return "1 ticket matches"
	}
	return fmt.Sprintf("%d tickets match", n)
}
