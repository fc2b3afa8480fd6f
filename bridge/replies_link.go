package bridge

import (
	"errors"
	"fmt"
	"strings"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

func sayLinking(event database.Event) string {
	return "⏳ Setting up " + bold(event.Name) + " …"
}

func sayReading(event database.Event, orders int) string {
	return fmt.Sprintf("⏳ Setting up %s: reading its orders, %d so far …", bold(event.Name), orders)
}

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
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = bold(rule)
	}
	return "tickets for " + strings.Join(names, " or ")
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
	case list.Shop.Testmode:
		return "⚠️ The shop is in test mode: test orders invite nobody."
	case !list.Shop.Live:
		return "⚠️ The shop is not live yet."
	}
	return "✅ The shop is live, and I can read its orders."
}

// sayQuestionLine says which question asks for the Matrix ID, or what to do about it.
func sayQuestionLine(list checklist) string {
	q := list.Question
	line := ""
	switch {
	case q.Known:
		line = "✅ The question " + bold(q.Question.Question.Any()) + " asks for the Matrix ID."
	case q.Proposal != nil:
		line = "❓ Does the question " + bold(q.Proposal.Question.Any()) + " ask for the Matrix ID? Answer `yes`, or `no`."
	case len(q.Choices) > 0:
		line = "❓ Which question asks for the Matrix ID? Answer with its number, or add one in Pretix with the identifier `matrix`." + listQuestions(q.Choices)
	default:
		line = "❌ No question asks for the Matrix ID. Add one in Pretix under *Products → Questions*: type *text (one line)*, identifier `matrix`. Then say " +
			"`!setroom` with the event again."
	}
	for _, unusable := range q.Unusable {
		if unusable.PerOrder {
			line += "\n- ⚠️ The question " + bold(unusable.Question.Any()) + " is asked once per order: Pretix does not hand out its answers. Ask it per ticket."
		}
	}
	return line
}

func listQuestions(questions []api.Question) string {
	var text strings.Builder
	for _, q := range questions {
		fmt.Fprintf(&text, "\n  - `%d` %s", q.ID, quote(q.Question.Any()))
	}
	return text.String()
}

// sayWebhookLine says how soon a purchase is noticed, and what to enter where if that could be sooner.
func sayWebhookLine(list checklist) string {
	switch list.Webhook.State {
	case pretixconn.WebhookRegistered:
		return "✅ Pretix tells me of each order at once."
	case pretixconn.WebhookManual:
		if !list.Private {
			return "⚠️ For invitations at once, Pretix has to be told my address. It is a secret: say `!setroom` with the event in our private talk to see it. Until then " +
				"I look every " + each(list.Every) + "."
		}
		return "⚠️ For invitations at once, enter this in Pretix under *Organizer account → Webhooks*, for all events and all order actions: `" + list.Webhook.Target +
			"`. It is a secret. Until then I look every " + each(list.Every) + "."
	}
	return "✅ I look for new orders every " + each(list.Every) + ", so invitations come within about that time."
}

func sayMatchingLine(list checklist) string {
	if list.Matching == 0 {
		if !list.Question.Known {
			return ""
		}
		return "✅ No ticket sold so far opens the room. From now on each new one is invited."
	}
	switch {
	case list.Held == 0:
		return "✅ " + matches(list.Matching) + ", and all who hold them were asked. Each new one is invited, too."
	case list.Asked > 0:
		return fmt.Sprintf("ℹ️ %s; %s not asked yet. `!batchinvite` invites them. Each new ticket is invited by itself.",
			matches(list.Matching), verb(list.Held, "person was", "people were"))
	}
	return fmt.Sprintf("ℹ️ %s already. They are not invited by this: `!batchinvite` does that. From now on each new one is invited.", matches(list.Matching))
}

func matches(n int) string {
	if n == 1 {
		return "1 ticket matches"
	}
	return fmt.Sprintf("%d tickets match", n)
}

func sayTicketsKnown(tickets database.TicketCount) string {
	lacking := 0
	for _, n := range tickets.Problems {
		lacking += n
	}
	text := fmt.Sprintf("I have read the orders: %s, of which %d name a Matrix ID.", count(tickets.Tickets, "ticket"), tickets.Tickets-lacking)
	if tickets.Tickets > lacking {
		text += " `!batchinvite` invites those who were not asked yet."
	}
	return text
}

func sayHasRules(link database.Link, rules []string) string {
	event := link.Event.Organizer + "/" + link.Event.Event
	return homeserver.RoomLink(link.Room, "The room") + " opens to " + sayRule(rules) + " of " + eventName(link.Event) + ". `!setroom " + event +
		" all` opens it to every ticket; `!setroom " + event + " <product>` to that product too. Typed elsewhere, the room goes after the event."
}

func sayLinks(shown []linkText, prefix string) string {
	if len(shown) == 0 {
		return "This room is linked to no event that you may see. `!setroom <event>` links one; `" + prefix + " help setroom` says more."
	}
	text := "This room opens to\n"
	for _, link := range shown {
		text += fmt.Sprintf("\n- %s of %s (%s)", sayRule(link.Rules), bold(link.Event.Name), quote(link.Event.Key.Organizer+"/"+link.Event.Key.Event))
		if problem := sayLinkState(link.Link); problem != "" {
			text += " – ⚠️ " + problem
		}
	}
	return text
}

// sayLinkState says why nobody is invited into a linked room, empty where somebody is.
func sayLinkState(link database.Link) string {
	if link.State == database.LinkActive {
		return ""
	}
	switch link.Reason {
	case database.LinkNoBot:
		return "the event's bot is not in the room: please invite it"
	case database.LinkRemoved:
		return "the event's bot was put out of the room; it stays out until an admin of the room invites it again (and me first, if I am out, too)"
	case database.LinkBanned:
		return "the event's bot was banned from the room"
	case database.LinkNoPower:
		return "the event's bot may not invite there: give it the role that may"
	case database.LinkReplaced:
		return "the room was replaced by another"
	case database.LinkNoRoom:
		return "the server does not know the room any more"
	case database.LinkBlocked:
		return "the server's admin has blocked the room"
	}
	return "inviting is suspended"
}

// sayLinkChanged tells those who command an event that a room of it stopped or works again.
func sayLinkChanged(known database.Event, link database.Link) string {
	room := homeserver.RoomLink(link.Room, "A room")
	if problem := sayLinkState(link); problem != "" {
		return "⚠️ " + room + " of " + bold(known.Name) + ": nobody is invited there now, because " + problem + ". (" + homeserver.UserLink(known.Bot) +
			" is the bot.) Nothing is lost: I go on by myself when that is mended."
	}
	return "✅ " + room + " of " + bold(known.Name) + ": inviting works."
}

func sayUnknownItem(text string, items []choice) string {
	return "There is no product " + bold(text) + ". These are:" + listChoices(items)
}

func sayUnknownVariation(text, item string, variations []choice) string {
	if len(variations) == 0 {
		return bold(item) + " has no variations, so I do not know what " + bold(text) + " means. Put names with blanks in quotes."
	}
	return bold(item) + " has no variation " + bold(text) + ". These are:" + listChoices(variations)
}

func sayWhichItem(text string, found []choice) string {
	answer := "Which one is " + bold(text) + "? Answer with a number.\n"
	for i, c := range found {
		answer += fmt.Sprintf("\n%d. %s", i+1, quote(c.name()))
	}
	return answer
}

func listChoices(choices []choice) string {
	text := "\n"
	for _, c := range choices[:min(len(choices), 30)] {
		text += fmt.Sprintf("\n- `%d` %s", c.ID, quote(c.name()))
	}
	return text
}

func sayNoSuchQuestion(err error, text string, found pretixconn.Found) string {
	switch {
	case errors.Is(err, errQuestionPerOrder):
		return "That question is asked once per order, and Pretix does not hand out such answers. Ask it per ticket (*Products → Questions*)."
	case errors.Is(err, errQuestionNotText):
		return "That question is not answered with text, so no Matrix ID can stand there."
	}
	return "I do not find a question " + bold(text) + ". These could be it:" + listQuestions(found.Choices)
}

func sayQuestionSet(question api.Question) string {
	return "✅ From now on I take the Matrix ID from " + bold(question.Question.Any()) + "."
}

func sayNotLinked(key database.EventKey) string {
	return "That room is not linked to " + eventName(key) + ". `!setroom` alone shows a room's links."
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func saySetUsage(prefix string) string {
	return "`!set [event] question <number>` says which question asks for the Matrix ID, `!set [event] server <name>` which server bare names belong to. `" + prefix +
		" help set` says more."
}

func sayServerSet(server string) string {
	if server == "" {
		return "✅ A bare name is no Matrix ID from now on."
	}
	return "✅ A bare name like `ada` is read as `@ada:" + server + "` from now on."
}
