package inviter

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
	refused := func(status int, code string) answer { return answer{refused: true, status: status, code: code} }
	done := func(state database.InviteState, reason database.Reason) outcome {
		return outcome{verdict: verdict{state, reason}}
	}
	wait := func(reason database.Reason, wait time.Duration) outcome { return waitFor(reason, wait) }
	noPower := standing{stop: database.LinkNoPower}
	for name, test := range map[string]struct {
		aftermath
		want outcome
	}{
		"sent":                               {aftermath{}, outcome{verdict: verdict{state: database.InviteInvited}, sent: true}},
		"in the room already":                {aftermath{answer: refused(403, "M_FORBIDDEN"), person: []event.Membership{join}}, done(database.InviteJoined, "")},
		"in the room by the other spelling":  {aftermath{answer: refused(403, "M_FORBIDDEN"), person: []event.Membership{"", join}}, done(database.InviteJoined, "")},
		"timed out, and yet done":            {aftermath{answer: refused(0, ""), person: []event.Membership{invite}}, done(database.InviteInvited, "")},
		"banned":                             {aftermath{answer: refused(403, "M_BAD_STATE"), person: []event.Membership{ban}}, done(database.InviteGone, database.ReasonBanned)},
		"banned, not readable":               {aftermath{answer: refused(403, "M_BAD_STATE")}, done(database.InviteGone, database.ReasonBanned)},
		"banned, another server's code":      {aftermath{answer: refused(403, "M_FORBIDDEN"), person: []event.Membership{ban}}, done(database.InviteGone, database.ReasonBanned)},
		"no power":                           {aftermath{answer: refused(403, "M_FORBIDDEN"), room: noPower}, outcome{stop: database.LinkNoPower}},
		"no power, somebody who left before": {aftermath{answer: refused(403, "M_FORBIDDEN"), person: []event.Membership{leave}, room: noPower}, outcome{stop: database.LinkNoPower}},
		"bot put out":                        {aftermath{answer: refused(403, "M_FORBIDDEN"), room: standing{stop: database.LinkRemoved}}, outcome{stop: database.LinkRemoved}},
		"in the room, and no power":          {aftermath{answer: refused(403, "M_FORBIDDEN"), person: []event.Membership{join}, room: noPower}, done(database.InviteJoined, "")},
		"refuses invites":                    {aftermath{answer: refused(403, "M_INVITE_BLOCKED")}, done(database.InviteFailed, database.ReasonBlocked)},
		"refused here or there":              {aftermath{answer: refused(403, "M_FORBIDDEN"), remote: true}, done(database.InviteFailed, database.ReasonFederation)},
		"local, refused for nothing known":   {aftermath{answer: refused(403, "M_FORBIDDEN")}, done(database.InviteFailed, database.ReasonRefused)},
		"room blocked":                       {aftermath{answer: refused(403, "M_UNKNOWN")}, outcome{stop: database.LinkBlocked}},
		"another code for a local person":    {aftermath{answer: refused(403, "M_CONSENT_NOT_GIVEN")}, wait(database.ReasonRefused, time.Hour)},
		"a spam checker's own code":          {aftermath{answer: refused(403, "ORG_EXAMPLE_SPAM")}, wait(database.ReasonRefused, time.Hour)},
		"another server stops no room":       {aftermath{answer: refused(403, "M_UNKNOWN"), remote: true}, wait(database.ReasonRefused, time.Hour)},
		"another server's 401 stops nothing": {aftermath{answer: refused(401, "M_UNKNOWN_TOKEN"), remote: true}, wait(database.ReasonRefused, time.Minute)},
		"malformed ID":                       {aftermath{answer: refused(400, "M_INVALID_PARAM")}, done(database.InviteFailed, database.ReasonInvalid)},
		"too long":                           {aftermath{answer: refused(413, "M_TOO_LARGE")}, done(database.InviteFailed, database.ReasonInvalid)},
		"malformed, says another server":     {aftermath{answer: refused(400, "M_INVALID_PARAM"), remote: true}, wait(database.ReasonRefused, time.Hour)},
		"too large, says another server":     {aftermath{answer: refused(413, "M_TOO_LARGE"), remote: true}, wait(database.ReasonRefused, time.Hour)},
		"another server's bad request":       {aftermath{answer: refused(400, "M_BAD_JSON"), remote: true}, wait(database.ReasonRefused, time.Hour)},
		"our server's bad request":           {aftermath{answer: refused(400, "M_BAD_JSON")}, wait(database.ReasonRefused, time.Hour)},
		"room version unknown there":         {aftermath{answer: refused(400, "M_INCOMPATIBLE_ROOM_VERSION"), remote: true}, done(database.InviteFailed, database.ReasonIncompatible)},
		"limited":                            {aftermath{answer: answer{true, 429, "M_LIMIT_EXCEEDED", 333 * time.Second}}, wait(database.ReasonLimited, 333*time.Second)},
		"limited, no time told":              {aftermath{answer: refused(429, "M_LIMIT_EXCEEDED")}, wait(database.ReasonLimited, 5*time.Second)},
		"limited for the third time":         {aftermath{answer: refused(429, ""), past: past{database.ReasonLimited, 2}}, wait(database.ReasonLimited, 2*time.Minute)},
		"limited after other waits":          {aftermath{answer: refused(429, ""), past: past{database.ReasonNotFound, 9}}, wait(database.ReasonLimited, 5*time.Second)},
		"their server is down":               {aftermath{answer: refused(502, "M_UNKNOWN"), remote: true}, wait(database.ReasonUnreachable, time.Minute)},
		"their server is down again":         {aftermath{answer: refused(502, "M_UNKNOWN"), remote: true, past: past{database.ReasonUnreachable, 3}}, wait(database.ReasonUnreachable, time.Hour)},
		"no answer, remote":                  {aftermath{answer: refused(0, ""), remote: true}, wait(database.ReasonHomeserver, time.Minute)},
		"our server fails, remote":           {aftermath{answer: refused(500, "M_UNKNOWN"), remote: true}, wait(database.ReasonHomeserver, time.Minute)},
		"a proxy before our server, remote":  {aftermath{answer: refused(502, ""), remote: true}, wait(database.ReasonHomeserver, time.Minute)},
		"our server fails with a local one":  {aftermath{answer: refused(500, "M_UNKNOWN")}, wait(database.ReasonHomeserver, time.Minute)},
		"nobody there, says their server":    {aftermath{answer: refused(404, "M_NOT_FOUND"), remote: true}, wait(database.ReasonNotFound, time.Hour)},
		"something else":                     {aftermath{answer: refused(418, "M_TEAPOT")}, wait(database.ReasonRefused, time.Minute)},
	} {
		if got := outcomeOf(test.aftermath); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

func TestWhoStandsInTheRoomIsNotAsked(t *testing.T) {
	const (
		join, leave, ban, invite, knock = event.MembershipJoin, event.MembershipLeave, event.MembershipBan, event.MembershipInvite, event.MembershipKnock
	)
	for name, test := range map[string]struct {
		memberships []event.Membership
		again       bool
		want        verdict
		known       bool
	}{
		"never there":                       {nil, false, verdict{}, false},
		"unknown by both spellings":         {[]event.Membership{"", ""}, false, verdict{}, false},
		"there":                             {[]event.Membership{join}, false, verdict{state: database.InviteJoined}, true},
		"there by the lower spelling":       {[]event.Membership{leave, join}, false, verdict{state: database.InviteJoined}, true},
		"invited":                           {[]event.Membership{invite}, true, verdict{state: database.InviteInvited}, true},
		"left":                              {[]event.Membership{leave}, false, verdict{database.InviteGone, database.ReasonLeft}, true},
		"left, asked for by name":           {[]event.Membership{leave}, true, verdict{}, false},
		"banned, asked for by name":         {[]event.Membership{ban}, true, verdict{database.InviteGone, database.ReasonBanned}, true},
		"banned once, left by the other ID": {[]event.Membership{leave, ban}, true, verdict{database.InviteGone, database.ReasonBanned}, true},
		"knocks":                            {[]event.Membership{knock}, false, verdict{}, false},
	} {
		got, known := stands(test.memberships, test.again)
		if got != test.want || known != test.known {
			t.Errorf("%s: got %+v %v, want %+v %v", name, got, known, test.want, test.known)
		}
	}
}

func TestMemberEventsSayHowSomebodyWent(t *testing.T) {
	const (
		join, leave, ban, invite = event.MembershipJoin, event.MembershipLeave, event.MembershipBan, event.MembershipInvite
	)
	for name, test := range map[string]struct {
		was, is            event.Membership
		themselves, byUs   bool
		state              database.InviteState
		reason             database.Reason
		saysNothingOfThese bool
	}{
		"invited by somebody":     {"", invite, false, false, database.InviteInvited, "", false},
		"joined":                  {invite, join, true, false, database.InviteJoined, "", false},
		"declined":                {invite, leave, true, false, database.InviteGone, database.ReasonDeclined, false},
		"left":                    {join, leave, true, false, database.InviteGone, database.ReasonLeft, false},
		"left, nothing known":     {"", leave, true, false, database.InviteGone, database.ReasonLeft, false},
		"kicked":                  {join, leave, false, false, database.InviteGone, database.ReasonKicked, false},
		"kicked by our bot":       {join, leave, false, true, database.InviteGone, database.ReasonKicked, false},
		"invite taken back by us": {invite, leave, false, true, database.InviteGone, database.ReasonWithdrawn, false},
		"invite taken back":       {invite, leave, false, false, database.InviteGone, database.ReasonKicked, false},
		"banned":                  {join, ban, false, false, database.InviteGone, database.ReasonBanned, false},
		"knocks":                  {"", event.MembershipKnock, true, false, "", "", true},
	} {
		got, matters := turned(test.was, test.is, test.themselves, test.byUs)
		if got != (verdict{test.state, test.reason}) || matters == test.saysNothingOfThese {
			t.Errorf("%s: got %+v %v", name, got, matters)
		}
	}
}
