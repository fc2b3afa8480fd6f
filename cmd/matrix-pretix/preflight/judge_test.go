package preflight

import (
	"strings"
	"testing"
)

var facts = Facts{
	Homeserver: "http://hs:8008", Domain: "example.org", Address: "http://bridge:29350", ID: "pretix",
	Bot: "@pretixbot:example.org", Ghost: "@pretix_preflight:example.org",
}

func with(change func(f *Facts)) Facts {
	f := facts
	change(&f)
	return f
}

func TestEachWayToBeWrongHasItsOwnSentence(t *testing.T) {
	file := func(same bool) Facts {
		return with(func(f *Facts) { f.File = File{Path: "registration.yaml", Same: same} })
	}
	reserved := func(r Reserved) Facts { return with(func(f *Facts) { f.Reserved = r }) }
	moved := with(func(f *Facts) { f.File = File{Path: "registration.yaml", Same: true, URL: "http://old:1"} })
	unknown := Answer{Status: 401, Errcode: "M_UNKNOWN_TOKEN"}
	ping := func(status int, errcode string) Answer { return Answer{Status: status, Errcode: errcode} }
	const ok, refused, waits, waitsBriefly = "ok", "refused", "waits", "waits briefly"
	for _, c := range []struct {
		name   string
		step   Step
		answer Answer
		facts  Facts
		want   string
		part   string // of the sentence, and of no other row's
	}{
		{"all well: token", Token, Answer{Status: 200, User: "@unused-x:example.org"}, facts, ok, ""},
		{"all well: new bot", Bot, Answer{Status: 200, User: "@pretixbot:example.org"}, facts, ok, ""},
		{"all well: known bot", Bot, Answer{Status: 400, Errcode: "M_USER_IN_USE"}, facts, ok, ""},
		{"all well: act", Act, Answer{Status: 200, User: "@pretixbot:example.org"}, facts, ok, ""},
		{"all well: known ghost", Ghost, Answer{Status: 400, Errcode: "M_USER_IN_USE"}, facts, ok, ""},
		{"all well: ping", Ping, Answer{Status: 200, Arrived: true}, facts, ok, ""},
		{"no ping in this homeserver", Ping, ping(404, "M_UNRECOGNIZED"), facts, ok, "too old to ping"},

		{"homeserver down", Token, Answer{Kind: Unreachable}, facts, waits, "cannot be reached at http://hs:8008"},
		{"homeserver down, seen late", Ping, Answer{Kind: Unreachable}, facts, waits, "cannot be reached at http://hs:8008"},
		{"homeserver hangs", Token, Answer{Kind: TimedOut}, facts, waits, "does not answer in time"},
		{"certificate", Token, Answer{Kind: Untrusted}, facts, waits, "not trusted"},
		{"proxy alone", Token, Answer{Kind: NotMatrix, Status: 502}, facts, waits, "proxy answers at http://hs:8008"},
		{"a web server", Token, Answer{Kind: NotMatrix, Status: 200}, facts, waits, "is not a homeserver (status 200)"},
		{"a redirect", Token, Answer{Kind: NotMatrix, Status: 308}, facts, waits, "is not a homeserver (status 308)"},
		{"homeserver ill", Bot, Answer{Status: 500, Errcode: "M_UNKNOWN"}, facts, waits, "not able to answer (status 500)"},
		{"limited", Bot, Answer{Status: 429, Errcode: "M_LIMIT_EXCEEDED"}, facts, waits, "not able to answer (status 429)"},

		{"token unknown, no more known", Token, unknown, facts, refused, "either it has not loaded"},
		{"token unknown, file differs", Token, unknown, file(false), refused, "the config and registration.yaml have different ones"},
		{"token unknown, file agrees", Token, unknown, file(true), refused, "has not loaded registration.yaml, or an older state"},
		{"token unknown, name kept", Token, unknown, reserved(Kept), refused, "but with another as_token"},
		{"token unknown, name free", Token, unknown, reserved(Free), refused, "has not loaded the registration;"},
		{"token withdrawn meanwhile", Ping, unknown, facts, refused, "either it has not loaded"},

		{"other domain", Token, Answer{Status: 200, User: "@unused-x:matrix.example"}, facts, refused, "calls itself matrix.example"},
		{"sender is the bot", Token, Answer{Status: 200, User: "@pretixbot:example.org"}, facts, refused, "sender_localpart"},
		{"bot outside", Bot, Answer{Status: 400, Errcode: "M_EXCLUSIVE"}, facts, refused, "be @pretixbot:example.org"},
		{"bot outside, seen late", Act, Answer{Status: 403, Errcode: "M_FORBIDDEN"}, facts, refused, "be @pretixbot:example.org"},
		{"ghosts outside", Ghost, Answer{Status: 400, Errcode: "M_EXCLUSIVE"}, facts, refused, "be @pretix_preflight:example.org"},
		{"bot's name refused", Bot, Answer{Status: 400, Errcode: "M_INVALID_USERNAME"}, facts, refused, "no valid name"},
		{"we are another", Act, Answer{Status: 200, User: "@other:example.org"}, facts, refused, "asked about the act"},
		{"something new", Bot, Answer{Status: 400, Errcode: "M_NEW"}, facts, refused, "status 400 M_NEW"},

		{"hs_token", Ping, Answer{Status: 502, Errcode: "M_BAD_STATUS", Inner: 403, WrongToken: true}, facts, refused, "another hs_token"},
		{"another answers and refuses", Ping, Answer{Status: 502, Errcode: "M_BAD_STATUS", Inner: 404}, facts, refused, "something else than matrix-pretix answers the homeserver at http://bridge:29350 (status 404)"},
		{"another answers well", Ping, Answer{Status: 200}, facts, waitsBriefly, "answered by something else"},
		{"not ready yet", Ping, Answer{Status: 502, Errcode: "M_BAD_STATUS", Inner: 503}, facts, waitsBriefly, "cannot serve (status 503)"},
		{"nobody at the address", Ping, ping(502, "M_CONNECTION_FAILED"), facts, waitsBriefly, "cannot connect to us at http://bridge:29350"},
		{"nobody at an older address", Ping, ping(502, "M_CONNECTION_FAILED"), moved, waitsBriefly, "cannot connect to us at http://old:1 (the registration's url; appservice.address is http://bridge:29350)"},
		{"address hangs", Ping, ping(504, "M_CONNECTION_TIMEOUT"), facts, waitsBriefly, "gets no answer from us"},
		{"address hangs longer than we ask", Ping, Answer{Kind: TimedOut}, facts, waitsBriefly, "gets no answer from us"},
		{"no url", Ping, ping(400, "M_URL_NOT_SET"), facts, refused, "has no url"},
		{"other id", Ping, ping(403, "M_FORBIDDEN"), facts, refused, "another id than appservice.id, pretix"},
		{"ping is new too", Ping, ping(400, "M_NEW"), facts, refused, "status 400 M_NEW"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(c.step, c.answer, c.facts)
			got := refused
			switch {
			case v.OK:
				got = ok
			case v.Again && v.Patient:
				got = waits
			case v.Again:
				got = waitsBriefly
			}
			if got != c.want || !strings.Contains(v.Text, c.part) || (c.part == "") != (v.Text == "") {
				t.Errorf("got %s: %s\nwant %s: …%s…", got, v.Text, c.want, c.part)
			}
			if strings.Contains(v.Text, "%!") {
				t.Errorf("got %s", v.Text)
			}
		})
	}
}

func TestOnlyAHomeserversAnswerIsOne(t *testing.T) {
	for _, c := range []struct {
		status int
		text   string
		want   Answer
	}{
		{200, `{"user_id":"@a:example.org"}`, Answer{Status: 200, User: "@a:example.org"}},
		{401, `{"errcode":"M_UNKNOWN_TOKEN","error":"x"}`, Answer{Status: 401, Errcode: "M_UNKNOWN_TOKEN"}},
		{502, `{"errcode":"M_BAD_STATUS","status":403,"body":"matrix-pretix has another hs_token"}`, Answer{Status: 502, Errcode: "M_BAD_STATUS", Inner: 403, WrongToken: true}},
		{404, `{"detail":"Not found"}`, Answer{Kind: NotMatrix, Status: 404}},
		{200, `<html>`, Answer{Kind: NotMatrix, Status: 200}},
		{502, ``, Answer{Kind: NotMatrix, Status: 502}},
		{200, `[]`, Answer{Kind: NotMatrix, Status: 200}},
	} {
		if got := read(c.status, []byte(c.text)); got != c.want {
			t.Errorf("%d %s: got %+v, want %+v", c.status, c.text, got, c.want)
		}
	}
}
