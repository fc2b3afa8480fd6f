package replies

import (
	"fmt"

	"matrix-pretix/database"
)

// matchingLine says how many tickets open the room, and of the people whom they name how many have been asked, by what stands in their rows.
func matchingLine(list Checklist) string {
	if list.Matching.Tickets == 0 {
		if !list.Question.Known || list.Unread != nil {
			return ""
		}
		return "✅ No ticket sold so far opens the room. From now on each new one is invited."
	}
	line := asked(list)
	if unnamed := list.Matching.Unnamed; unnamed > 0 {
		line += "\n- ⚠️ " + verb(unnamed, "of them names no Matrix ID, so that nobody can be invited by it.", "of them name no Matrix ID, so that nobody can be invited by them.") +
			" It can be added to the order in Pretix, by its buyer too; `!status` says which orders these are."
	}
	return line
}

func asked(list Checklist) string {
	matching, people := matches(list.Matching.Tickets), tally(list.Invites)
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

// TicketsKnown says what the orders hold after they were read anew.
func TicketsKnown(tickets database.TicketCount) string {
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
