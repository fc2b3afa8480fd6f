package bridge

import (
	"errors"
	"fmt"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/typed"
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

// sayNoRoomYet answers where an event has no room that anything could be said or done about.
func sayNoRoomYet(key database.EventKey) string {
	return "No room is linked to " + eventName(key) + " yet. `!setroom " + reference(key) + "`, said in its room, links one."
}

// sayQuestionFirst says what is missing before orders mean anything.
func sayQuestionFirst(key database.EventKey) string {
	return "I do not know yet which question asks for the Matrix ID, so I have read no orders. `!set " + reference(key) + " question <number>` says it."
}

// sayNotReadAnew says that a setting stands and the orders are still to be read with it.
func sayNotReadAnew(err error) string {
	return "⚠️ That is kept, but I could not read the orders with it. " + sayTrouble(err) + " I try again by myself with the next order."
}

// sayWhichRoom asks for the room where the one typed in can hardly be meant.
func sayWhichRoom(place linkPlace, key database.EventKey) string {
	how := " Name the room: `!setroom " + reference(key) + " #alias:example.org`, with its alias, its link or its ID. Or invite me into it and say there `!setroom " +
		reference(key) + "`."
	if place == isControlRoom {
		return "Which room? This one is for those who run an event, and from then on every ticket would open it." + how + " If you do mean this one, name it, too."
	}
	return "Which room? A private talk with me is not opened to tickets." + how
}

func sayQuestionLater(key database.EventKey) string {
	return "All right. `!set " + reference(key) + " question <number>` chooses one later; until then nobody can be invited."
}

// sayExpectsQuestion says what answers the question about the question.
func sayExpectsQuestion(offered askedFor) string {
	if offered.Proposal != nil {
		return "I have asked which question asks for the Matrix ID, and wait for `yes` or `no`. `cancel` ends that."
	}
	return "I have asked which question asks for the Matrix ID, and wait for its number or identifier. `cancel` ends that."
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
	return "This room opens to\n" + listed(lines(shown, sayShownLink))
}

func sayShownLink(link linkText) string {
	text := fmt.Sprintf("%s of %s (%s)", sayRule(link.Rules), bold(link.Event.Name), quote(link.Event.Key.Organizer+"/"+link.Event.Key.Event))
	if problem := sayLinkState(link.Link); problem != "" {
		text += " – ⚠️ " + problem
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

func sayUnknownItem(text string, items []typed.Choice) string {
	return "There is no product " + bold(text) + ". These are:" + listChoices(items)
}

func sayUnknownVariation(text, item string, variations []typed.Choice) string {
	if len(variations) == 0 {
		return bold(item) + " has no variations, so I do not know what " + bold(text) + " means. Put names with blanks in quotes."
	}
	return bold(item) + " has no variation " + bold(text) + ". These are:" + listChoices(variations)
}

func sayWhichItem(text string, found []typed.Choice) string {
	return "Which one is " + bold(text) + "? Answer with a number.\n" + enumerated(lines(found, func(c typed.Choice) string { return quote(c.Name()) }))
}

func listChoices(choices []typed.Choice) string {
	return "\n" + listed(lines(choices, func(c typed.Choice) string { return fmt.Sprintf("`%d` %s", c.ID, quote(c.Name())) }))
}

func sayNoSuchQuestion(err error, text string, found pretixconn.Found) string {
	switch {
	case errors.Is(err, typed.ErrQuestionPerOrder):
		return "That question is asked once per order, and Pretix does not hand out such answers. Ask it per ticket (*Products → Questions*)."
	case errors.Is(err, typed.ErrQuestionNotText):
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
