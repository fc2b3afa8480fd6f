package replies

import (
	"fmt"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// LinkChange is what a `!setroom` made of a link.
type LinkChange int

// The changes that there are.
const (
	LinkUnchanged LinkChange = iota // it has rules, and nothing was said about them
	LinkMade
	LinkNarrowed // it was open to every ticket
	LinkWidened  // one rule more
	LinkOpened   // its rules are gone
	LinkConfirmed
)

// Linking stands where the checklist will, while the event and its bot are set up.
func Linking(event database.Event) string {
	return "⏳ Setting up " + bold(event.Name) + " …"
}

// ReadingOrders takes its place while the event's orders are read.
func ReadingOrders(event database.Event, orders int) string {
	return fmt.Sprintf("⏳ Setting up %s: reading its orders, %d so far …", bold(event.Name), orders)
}

func linkChange(list Checklist, change LinkChange, where string) string {
	name := bold(list.Event.Name)
	who := opensTo(list.Rules)
	switch change {
	case LinkNarrowed:
		return fmt.Sprintf("%s: every ticket opened %s until now; from now on it opens to %s only.", name, where, who)
	case LinkWidened:
		return fmt.Sprintf("%s: %s now opens to %s.", name, where, who)
	case LinkOpened:
		return fmt.Sprintf("%s: %s opens to every ticket again.", name, where)
	case LinkConfirmed:
		return fmt.Sprintf("%s: %s is linked already and opens to %s.", name, where, who)
	}
	return fmt.Sprintf("%s: %s is linked and opens to %s.", name, where, who)
}

// ShownLink is a link as it is shown.
type ShownLink struct {
	Event database.Event
	Link  database.Link
	Rules []string
}

// Links says which events a room is tied to, and how.
func Links(shown []ShownLink, prefix string) string {
	if len(shown) == 0 {
		return "This room is linked to no event that you may see. `!setroom <event>` links one; `" + prefix + " help setroom` says more."
	}
	return "This room opens to\n" + listed(lines(shown, shownLink))
}

func shownLink(link ShownLink) string {
	text := fmt.Sprintf("%s of %s (%s)", opensTo(link.Rules), bold(link.Event.Name), quote(link.Event.Key.Organizer+"/"+link.Event.Key.Event))
	if problem := linkState(link.Link); problem != "" {
		text += " – ⚠️ " + problem
	}
	return text
}

// HasRules answers a `!setroom` without a product for a room that has rules: they stand.
func HasRules(link database.Link, rules []string) string {
	event := link.Event.Organizer + "/" + link.Event.Event
	return homeserver.RoomLink(link.Room, "The room") + " opens to " + opensTo(rules) + " of " + eventName(link.Event) + ". `!setroom " + event +
		" all` opens it to every ticket; `!setroom " + event + " <product>` to that product too. Typed elsewhere, the room goes after the event."
}

// linkState says why nobody is invited into a linked room, empty where somebody is.
func linkState(link database.Link) string {
	if link.State == database.LinkActive {
		return ""
	}
	switch link.Reason {
	case database.LinkNoBot:
		return "the event's bot is not in the room: please invite it"
	case database.LinkRemoved:
		return "the event's bot was put out of the room; it stays out until an admin of the room lifts its ban, if there is one, and invites it again (and me first, if I am out, too)"
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

// LinkNews tells those who command an event that a room of it stopped or works again.
func LinkNews(known database.Event, link database.Link) string {
	room := homeserver.RoomLink(link.Room, "A room")
	if problem := linkState(link); problem != "" {
		return "⚠️ " + room + " of " + bold(known.Name) + ": nobody is invited there now, because " + problem + ". (" + homeserver.UserLink(known.Bot) +
			" is the bot.) Nothing is lost: I go on by myself when that is mended."
	}
	return "✅ " + room + " of " + bold(known.Name) + ": inviting works."
}

// NotLinked answers a command about a link that is not there.
func NotLinked(key database.EventKey) string {
	return "That room is not linked to " + eventName(key) + ". `!setroom` alone shows a room's links."
}

// NoRoomYet answers where an event has no room that anything could be said or done about.
func NoRoomYet(key database.EventKey) string {
	return "No room is linked to " + eventName(key) + " yet. `!setroom " + reference(key) + "`, said in its room, links one."
}

// WhichRoomNotTalk asks for the room of a link that was typed in a private talk.
func WhichRoomNotTalk(key database.EventKey) string {
	return "Which room? A private talk with me is not opened to tickets." + nameTheRoom(key)
}

// WhichRoomNotControl asks for it in a control room, which can hardly be meant.
func WhichRoomNotControl(key database.EventKey) string {
	return "Which room? This one is for those who run an event, and from then on every ticket would open it." + nameTheRoom(key) +
		" If you do mean this one, name it, too."
}

func nameTheRoom(key database.EventKey) string {
	return " Name the room: `!setroom " + reference(key) + " #alias:example.org`, with its alias, its link or its ID. Or invite me into it and say there `!setroom " +
		reference(key) + "`."
}
