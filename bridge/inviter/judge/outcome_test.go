package judge

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"matrix-pretix/database"
)

func TestAnswersToInvitesMeanWhatRoomAndPersonSay(t *testing.T) {
	const (
		join, leave, ban, invite = event.MembershipJoin, event.MembershipLeave, event.MembershipBan, event.MembershipInvite
	)
	refused := func(status int, code string) Answer { return Answer{Refused: true, Status: status, Code: code} }
	done := func(state database.InviteState, reason database.Reason) Outcome {
		return Outcome{Verdict: Verdict{state, reason}}
	}
	wait := func(reason database.Reason, wait time.Duration) Outcome { return Wait(reason, wait) }
	noPower := Standing{Stop: database.LinkNoPower}
	for name, test := range map[string]struct {
		Aftermath
		want Outcome
	}{
		"sent":                               {Aftermath{}, Outcome{Verdict: Verdict{State: database.InviteInvited}, Sent: true}},
		"in the room already":                {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Person: []event.Membership{join}}, done(database.InviteJoined, "")},
		"in the room by the other spelling":  {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Person: []event.Membership{"", join}}, done(database.InviteJoined, "")},
		"timed out, and yet done":            {Aftermath{Answer: refused(0, ""), Person: []event.Membership{invite}}, done(database.InviteInvited, "")},
		"banned":                             {Aftermath{Answer: refused(403, "M_BAD_STATE"), Person: []event.Membership{ban}}, done(database.InviteGone, database.ReasonBanned)},
		"banned, not readable":               {Aftermath{Answer: refused(403, "M_BAD_STATE")}, done(database.InviteGone, database.ReasonBanned)},
		"banned, another server's code":      {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Person: []event.Membership{ban}}, done(database.InviteGone, database.ReasonBanned)},
		"no power":                           {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Room: noPower}, Outcome{Stop: database.LinkNoPower}},
		"no power, somebody who left before": {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Person: []event.Membership{leave}, Room: noPower}, Outcome{Stop: database.LinkNoPower}},
		"bot put out":                        {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Room: Standing{Stop: database.LinkRemoved}}, Outcome{Stop: database.LinkRemoved}},
		"in the room, and no power":          {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Person: []event.Membership{join}, Room: noPower}, done(database.InviteJoined, "")},
		"refuses invites":                    {Aftermath{Answer: refused(403, "M_INVITE_BLOCKED")}, done(database.InviteFailed, database.ReasonBlocked)},
		"refused here or there":              {Aftermath{Answer: refused(403, "M_FORBIDDEN"), Remote: true}, done(database.InviteFailed, database.ReasonFederation)},
		"local, refused for nothing known":   {Aftermath{Answer: refused(403, "M_FORBIDDEN")}, done(database.InviteFailed, database.ReasonRefused)},
		"room blocked":                       {Aftermath{Answer: refused(403, "M_UNKNOWN")}, Outcome{Stop: database.LinkBlocked}},
		"another code for a local person":    {Aftermath{Answer: refused(403, "M_CONSENT_NOT_GIVEN")}, wait(database.ReasonRefused, time.Hour)},
		"a spam checker's own code":          {Aftermath{Answer: refused(403, "ORG_EXAMPLE_SPAM")}, wait(database.ReasonRefused, time.Hour)},
		"another server stops no room":       {Aftermath{Answer: refused(403, "M_UNKNOWN"), Remote: true}, wait(database.ReasonRefused, time.Hour)},
		"another server's 401 stops nothing": {Aftermath{Answer: refused(401, "M_UNKNOWN_TOKEN"), Remote: true}, wait(database.ReasonRefused, time.Minute)},
		"malformed ID":                       {Aftermath{Answer: refused(400, "M_INVALID_PARAM")}, done(database.InviteFailed, database.ReasonInvalid)},
		"too long":                           {Aftermath{Answer: refused(413, "M_TOO_LARGE")}, done(database.InviteFailed, database.ReasonInvalid)},
		"malformed, says another server":     {Aftermath{Answer: refused(400, "M_INVALID_PARAM"), Remote: true}, wait(database.ReasonRefused, time.Hour)},
		"too large, says another server":     {Aftermath{Answer: refused(413, "M_TOO_LARGE"), Remote: true}, wait(database.ReasonRefused, time.Hour)},
		"another server's bad request":       {Aftermath{Answer: refused(400, "M_BAD_JSON"), Remote: true}, wait(database.ReasonRefused, time.Hour)},
		"our server's bad request":           {Aftermath{Answer: refused(400, "M_BAD_JSON")}, wait(database.ReasonRefused, time.Hour)},
		"room version unknown there":         {Aftermath{Answer: refused(400, "M_INCOMPATIBLE_ROOM_VERSION"), Remote: true}, done(database.InviteFailed, database.ReasonIncompatible)},
		"limited":                            {Aftermath{Answer: Answer{true, 429, "M_LIMIT_EXCEEDED", 333 * time.Second}}, wait(database.ReasonLimited, 333*time.Second)},
		"limited, no time told":              {Aftermath{Answer: refused(429, "M_LIMIT_EXCEEDED")}, wait(database.ReasonLimited, 5*time.Second)},
		"limited for the third time":         {Aftermath{Answer: refused(429, ""), Past: Past{database.ReasonLimited, 2}}, wait(database.ReasonLimited, 2*time.Minute)},
		"limited after other waits":          {Aftermath{Answer: refused(429, ""), Past: Past{database.ReasonNotFound, 9}}, wait(database.ReasonLimited, 5*time.Second)},
		"their server is down":               {Aftermath{Answer: refused(502, "M_UNKNOWN"), Remote: true}, wait(database.ReasonUnreachable, time.Minute)},
		"their server is down again":         {Aftermath{Answer: refused(502, "M_UNKNOWN"), Remote: true, Past: Past{database.ReasonUnreachable, 3}}, wait(database.ReasonUnreachable, time.Hour)},
		"no answer, remote":                  {Aftermath{Answer: refused(0, ""), Remote: true}, wait(database.ReasonHomeserver, time.Minute)},
		"our server fails, remote":           {Aftermath{Answer: refused(500, "M_UNKNOWN"), Remote: true}, wait(database.ReasonHomeserver, time.Minute)},
		"a proxy before our server, remote":  {Aftermath{Answer: refused(502, ""), Remote: true}, wait(database.ReasonHomeserver, time.Minute)},
		"our server fails with a local one":  {Aftermath{Answer: refused(500, "M_UNKNOWN")}, wait(database.ReasonHomeserver, time.Minute)},
		"nobody there, says their server":    {Aftermath{Answer: refused(404, "M_NOT_FOUND"), Remote: true}, wait(database.ReasonNotFound, time.Hour)},
		"something else":                     {Aftermath{Answer: refused(418, "M_TEAPOT")}, wait(database.ReasonRefused, time.Minute)},
	} {
		if got := Invite(test.Aftermath); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
