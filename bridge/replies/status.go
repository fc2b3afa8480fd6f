package replies

import (
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// EventStatus is how an event stands, as far as the asker may see it.
type EventStatus struct {
	Event    database.Event
	Whole    bool // sales, too
	Tickets  database.TicketCount
	Rooms    []RoomStatus
	Controls []id.RoomID // from where it is commanded
	Due      database.DueCount
	Heard    time.Time // when Pretix last called
	Swept    time.Time // when its orders were last read
	NoLogin  bool      // nobody's login sees the event now
	Webhook  bool      // there is an address for Pretix to call
	Failures []Failure
	Now      time.Time
}

// RoomStatus is how a linked room stands.
type RoomStatus struct {
	ShownLink
	Invites []database.InviteCount
}

// Status says how an event stands, as far as the asker may see it.
func Status(s EventStatus) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s", bold(s.Event.Name))
	if s.Whole && len(s.Rooms) > 0 { // without a room no orders are read: nought would be no figure
		lacking := 0
		for _, n := range s.Tickets.Problems {
			lacking += n
		}
		fmt.Fprintf(&text, ": %s, %d without a usable Matrix ID.", verb(s.Tickets.Tickets, "ticket counts", "tickets count"), lacking)
	}
	text.WriteString("\n")
	if len(s.Rooms) == 0 {
		text.WriteString("\n- No room is linked. `!setroom` links one.")
	}
	text.WriteString(listed(lines(s.Rooms, func(room RoomStatus) string { return roomLine(room, s.Now) })))
	if s.Whole {
		text.WriteString("\n\n" + contact(s) + commandedFrom(s.Controls))
	}
	if len(s.Failures) > 0 {
		text.WriteString("\n\nCannot be invited, the newest first:\n")
		text.WriteString(listed(lines(s.Failures, func(failure Failure) string { return failureLine(failure, s.Now) })))
	}
	return text.String()
}

func roomLine(room RoomStatus, now time.Time) string {
	line := homeserver.RoomLink(room.Link.Room, "room") + " opens to " + opensTo(room.Rules) + ": " + inviteCounts(room.Invites, now)
	if problem := linkState(room.Link); problem != "" {
		line += " – ⚠️ " + problem
	}
	return line
}

// inviteCounts says how many are in which state, those that stay out by reason.
func inviteCounts(counts []database.InviteCount, now time.Time) string {
	sum := tally(counts)
	reasons := make(map[database.Reason]int)
	var order []database.Reason
	for _, c := range counts {
		if c.Reason != "" {
			if reasons[c.Reason] == 0 {
				order = append(order, c.Reason)
			}
			reasons[c.Reason] += c.Count
		}
	}
	parts := []string{fmt.Sprintf("%d invited", sum.Invited), fmt.Sprintf("%d joined", sum.Joined)}
	if sum.Held > 0 {
		parts = append(parts, fmt.Sprintf("%d not asked yet (`!batchinvite`)", sum.Held))
	}
	if sum.Queued > 0 {
		parts = append(parts, fmt.Sprintf("%d about to be invited", sum.Queued))
	}
	for _, reason := range order {
		parts = append(parts, fmt.Sprintf("%d: %s", reasons[reason], becauseOf(reason)))
	}
	text := strings.Join(parts, ", ")
	if sum.Waiting > 0 && sum.NextTry.After(now) {
		text += " (next try in " + roughly(sum.NextTry.Sub(now)) + ")"
	}
	return text
}

// commandedFrom lists the rooms from which an event is commanded.
func commandedFrom(controls []id.RoomID) string {
	if len(controls) == 0 {
		return ""
	}
	names := lines(controls, func(room id.RoomID) string { return homeserver.RoomLink(room, room.String()) })
	return " Commanded from " + inline(names, ", ") + "; `!control off <event> <room>` ends that."
}

// contact says when Pretix was last heard and read.
func contact(s EventStatus) string {
	text := "Orders last read " + ago(s.Swept, s.Now) + "."
	if s.Webhook {
		text = "Pretix last called " + ago(s.Heard, s.Now) + ". " + text
	}
	if s.NoLogin {
		text += " ⚠️ No connected Pretix account sees the event now: `!authorize` connects one."
	}
	if waiting := s.Due.Live + s.Due.Batch; waiting > 0 {
		text += " " + verb(waiting, "order is", "orders are") + " in hand."
	}
	return text
}

// tallied counts invites as a person thinks of them.
type tallied struct {
	Invited, Joined, Queued, Waiting, Failed, Gone, Held int
	NextTry                                              time.Time
}

func (t *tallied) add(count database.InviteCount) {
	switch count.State {
	case database.InviteInvited:
		t.Invited += count.Count
	case database.InviteJoined:
		t.Joined += count.Count
	case database.InviteDue:
		t.Queued += count.Count
	case database.InviteWaiting:
		t.Waiting += count.Count
		if t.NextTry.IsZero() || count.NextTry.Before(t.NextTry) {
			t.NextTry = count.NextTry
		}
	case database.InviteFailed:
		t.Failed += count.Count
	case database.InviteGone:
		t.Gone += count.Count
	case database.InviteHeld:
		t.Held += count.Count
	}
}

// tally adds up what the rows say.
func tally(counts []database.InviteCount) tallied {
	var sum tallied
	for _, count := range counts {
		sum.add(count)
	}
	return sum
}
