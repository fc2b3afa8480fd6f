package bridge

import (
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
)

// roughly says a length of time as people do.
func roughly(d time.Duration) string {
	switch {
	case d < 50*time.Second:
		return count(max(1, int(d.Round(10*time.Second)/time.Second)), "second")
	case d < 90*time.Minute:
		return count(max(1, int(d.Round(time.Minute)/time.Minute)), "minute")
	case d < 36*time.Hour:
		return count(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return count(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}

// each says a length of time after "every".
func each(d time.Duration) string {
	text := roughly(d)
	if unit, one := strings.CutPrefix(text, "1 "); one {
		return unit
	}
	return text
}

// ago says when something was.
func ago(when, now time.Time) string {
	if when.IsZero() {
		return "never"
	}
	return roughly(now.Sub(when)) + " ago"
}

func sayStopped(n int) string {
	if n == 0 {
		return "Nobody was waiting to be invited."
	}
	return "Stopped: " + verb(n, "person is", "people are") + " not invited for now. `!batchinvite` takes it up again."
}

func sayInviteUsage(prefix string) string {
	return "Which order? `!invite ABC12` asks the people of that order again. `" + prefix + " help invite` says more."
}

func sayNoSuchOrder(code string, key database.EventKey) string {
	return "There is no order `" + code + "` in " + eventName(key) + "."
}

func sayInviting(code string) string { return "⏳ Looking at `" + code + "` …" }

// sayOrderInvited says what came of asking one order's people, by room, without saying who they are.
func sayOrderInvited(looked orderLook) string {
	head := "Order `" + looked.Code + "`:"
	if len(looked.Invites) > 0 {
		return head + listed(lines(looked.Invites, sayOrderInvite)) + saySkipped(looked.Skipped)
	}
	if looked.Waits {
		head += " I could not look at it yet: " + sayHindrance(looked.Hindrance) + " It stays in hand, and I invite by myself."
	} else {
		head += " it has no ticket that counts and names a Matrix ID for a linked room. `!status` says more."
	}
	return head + saySkipped(looked.Skipped)
}

func sayOrderInvite(invite database.Invite) string {
	return homeserver.RoomLink(invite.Room, "room") + ": " + sayInviteState(invite.State, invite.Reason)
}

func sayInviteState(state database.InviteState, reason database.Reason) string {
	switch state {
	case database.InviteInvited:
		return "invited"
	case database.InviteJoined:
		return "in the room"
	case database.InviteDue:
		return "about to be invited"
	case database.InviteHeld:
		return "not asked yet"
	}
	return sayReason(reason)
}

// sayStatus says how an event stands, as far as the asker may see it.
func sayStatus(s eventStatus) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s", bold(s.Event.Name))
	if s.Whole {
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
	text.WriteString(listed(lines(s.Rooms, func(room roomStatus) string { return sayRoomStatus(room, s.Now) })))
	if s.Whole {
		text.WriteString("\n\n" + sayContact(s) + sayControls(s.Controls))
	}
	if len(s.Failures) > 0 {
		text.WriteString("\n\nCannot be invited, the newest first:\n")
		text.WriteString(listed(lines(s.Failures, func(failure failureText) string { return sayFailure(failure, s.Now) })))
	}
	return text.String()
}

func sayRoomStatus(room roomStatus, now time.Time) string {
	line := homeserver.RoomLink(room.Link.Room, "room") + " opens to " + sayRule(room.Rules) + ": " + sayCounts(room.Invites, now)
	if problem := sayLinkState(room.Link); problem != "" {
		line += " – ⚠️ " + problem
	}
	return line
}

// sayCounts says how many are in which state, those that stay out by reason.
func sayCounts(counts []database.InviteCount, now time.Time) string {
	var sum tallied
	reasons := make(map[database.Reason]int)
	var order []database.Reason
	for _, c := range counts {
		sum.add(c)
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
		parts = append(parts, fmt.Sprintf("%d: %s", reasons[reason], sayReason(reason)))
	}
	text := strings.Join(parts, ", ")
	if sum.Waiting > 0 && sum.NextTry.After(now) {
		text += " (next try in " + roughly(sum.NextTry.Sub(now)) + ")"
	}
	return text
}

// sayControls lists the rooms from which an event is commanded.
func sayControls(controls []id.RoomID) string {
	if len(controls) == 0 {
		return ""
	}
	names := lines(controls, func(room id.RoomID) string { return homeserver.RoomLink(room, room.String()) })
	return " Commanded from " + inline(names, ", ") + "; `!control off <event> <room>` ends that."
}

// sayContact says when Pretix was last heard and read.
func sayContact(s eventStatus) string {
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

func sayNoLogin(known database.Event) string {
	return "⚠️ " + bold(known.Name) + ": no connected Pretix account sees it any more, so nobody is invited. `!authorize` connects one; then everything goes on, and nothing is lost."
}

func sayQuestionGone(known database.Event) string {
	return "⚠️ " + bold(known.Name) + ": Pretix no longer has the question that asked for the Matrix ID, so nobody new is invited. Make one there " +
		"with the internal identifier " + bold(known.QuestionIdentifier) + ", or choose another with `!set question <number>`. Until then I keep what I know."
}

func sayTestOrder(known database.Event, test inviter.TestOrder) string {
	names := lines(test.Rooms, func(room id.RoomID) string { return homeserver.RoomLink(room, "room") })
	opens := "no linked room"
	if len(names) > 0 {
		opens = inline(names, ", ") + " to " + verb(test.WouldAsk, "person", "people")
	}
	text := "🧪 " + bold(known.Name) + ": I have seen the test order `" + test.Code + "`. For real it would open " + opens + ". In test mode nobody is invited."
	if test.Unnamed > 0 {
		text += " " + verb(test.Unnamed, "ticket names", "tickets name") + " no Matrix ID."
	}
	return text
}
