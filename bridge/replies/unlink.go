package replies

import (
	"fmt"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// EndedLink is what came of ending a link.
type EndedLink struct {
	Event      database.Event
	Queued     int // invites that are not sent any more
	Unanswered int // that could be taken back
	Stays      bool
	Bridge     id.UserID // who stays, or else leaves with the event's bot
	Manual     bool      // the webhook has to be deleted in Pretix by hand
}

// Unlinked says what was ended, and offers to take back what was not answered.
func Unlinked(u EndedLink) string {
	text := "Unlinked: tickets of " + bold(u.Event.Name) + " no longer open the room."
	if u.Queued > 0 {
		text += " " + verb(u.Queued, "invitation that was waiting is", "invitations that were waiting are") + " not sent."
	}
	if u.Stays {
		text += " The event's bot leaves it."
	} else {
		text += " The event's bot leaves it, and so do I: before you say `!setroom` there again, invite " + homeserver.UserLink(u.Bridge) + "."
	}
	if u.Manual {
		text += " Please delete my webhook in Pretix under *Organizer account → Webhooks*: I could not."
	}
	if u.Unanswered > 0 {
		text += fmt.Sprintf("\n\n%s not answered yet. Shall I take them back? Answer `yes`, or `no` to let them stand.",
			verb(u.Unanswered, "invitation is", "invitations are"))
	}
	return text
}

// InvitesStand takes a no: nothing is taken back.
const InvitesStand = "The unanswered invitations stand."

// MayNotWithdraw says what somebody lacks to take invitations back.
func MayNotWithdraw(decision authority.Decision) string {
	return Refused(decision) + "\n\nSo the invitations stand."
}

// BotMayNotWithdraw says what the event's bot lacks for it, and asks again.
func BotMayNotWithdraw(bot id.UserID, needs int64) string {
	return homeserver.UserLink(bot) + " may not take invitations back there. Give it the role " + authority.RoleLabel(needs) +
		" in the room's settings. Answer `yes` again when that is done, or `no` to let them stand."
}

// WithdrawLater says that the homeserver did not do all of it this time.
func WithdrawLater(withdrawn int) string {
	text := "The Matrix server does not answer me about that room at the moment. Answer `yes` again in a few minutes, or `no` to let the invitations stand."
	if withdrawn > 0 {
		return Withdrawn(withdrawn) + " " + text
	}
	return text
}

// Withdrawn says how many were taken back.
func Withdrawn(n int) string {
	return verb(n, "invitation was", "invitations were") + " taken back."
}
