package bench

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const synapseLine = `2026-11-25 06:30:33,932 INFO synapse.access.http.17699 POST-1464 127.0.0.1 - 17699 - {@pretix_lab__a__b:lab.example} ` +
	`Processed request: 0.024sec/0.002sec ru=(0.004sec, 0.000sec) db=(0.004sec/0.006sec/20) 2B 200 ` +
	`"POST /_matrix/client/v3/rooms/%21camp/invite?user_id=%40pretix_lab__a__b%3Alab.example HTTP/1.1" "agent" [0 dbevts]`

func TestSynapsesLogTellsOfRequests(t *testing.T) {
	got, ok := readRequest(synapseLine, time.UTC)
	ended := time.Date(2026, 11, 25, 6, 30, 33, 932e6, time.UTC)
	want := request{"POST", "/_matrix/client/v3/rooms/!camp/invite", ended.Add(-24 * time.Millisecond), ended}
	if !ok || got != want {
		t.Errorf("got %+v (%v), want %+v", got, ok, want)
	}
	if n := len(invitesInto([]request{got}, "!camp")); n != 1 {
		t.Errorf("got %d invitations into the room, want 1", n)
	}
	if n := len(invitesInto([]request{got}, "!other")); n != 0 {
		t.Errorf("got %d invitations into another room, want 0", n)
	}
	for name, line := range map[string]string{
		"another's request": strings.Replace(synapseLine, "@pretix_lab__a__b:lab", "@olga:lab", 1),
		"another line":      "2026-11-25 06:30:33,932 INFO synapse.handlers.room POST-1 hello",
		"nothing":           "",
	} {
		if _, ok := readRequest(line, time.UTC); ok {
			t.Errorf("%s: was taken for a request of a bot", name)
		}
	}
}

func TestBridgesLogTellsOfOrders(t *testing.T) {
	got, ok := readHandled(`{"level":"info","ts":"2026-11-25T06:30:34.5Z","msg":"order handled","event":"conf","order":"ABC12","invited":1,"ms":40}`)
	want := handled{"conf", "ABC12", 1, time.Date(2026, 11, 25, 6, 30, 34, 5e8, time.UTC), 40 * time.Millisecond}
	if !ok || got != want {
		t.Errorf("got %+v (%v), want %+v", got, ok, want)
	}
	for _, line := range []string{`{"msg":"command"}`, "", "{"} {
		if _, ok := readHandled(line); ok {
			t.Errorf("%q was taken for an order", line)
		}
	}
}

func TestLogIsReadFromWhereItEndedByWholeLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	write := func(text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n")
	log, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	write("first\nsec")
	got, err := log.lines()
	if err != nil || strings.Join(got, "|") != "first|" {
		t.Errorf("got %q and error %v, want the first line only", got, err)
	}
}

func TestPartsOfThePathMakeUpTheWhole(t *testing.T) {
	paid := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return paid.Add(time.Duration(ms) * time.Millisecond) }
	m := moments{
		paid: paid, arrived: at(50), handled: handled{at: at(110), took: 45 * time.Millisecond},
		requests: []request{
			{"GET", "/early", at(10), at(20)}, {"GET", "/profile", at(70), at(73)}, {"POST", "/rooms/!camp/invite", at(80), at(100)},
			{"GET", "/late", at(120), at(130)},
		},
	}
	got, err := m.path("!camp")
	if err != nil {
		t.Fatal(err)
	}
	want := path{pretix: 50e6, read: 15e6, ours: 15e6, lookups: 3e6, invite: 20e6}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.total() != 100*time.Millisecond {
		t.Errorf("together %s, want the time from paid to invited, 100ms", got.total())
	}
	if _, err := m.path("!other"); err == nil {
		t.Error("got no error where nobody was invited")
	}
}

func TestRatioIsOfTheLoopsTogether(t *testing.T) {
	b := batch{
		bridge: invitations{n: 90, took: 3 * time.Second, asked: 2700 * time.Millisecond},
		before: invitations{n: 90, took: 2 * time.Second}, after: invitations{n: 90, took: 4 * time.Second},
	}
	if got := b.ratio(); got != 1 {
		t.Errorf("got ratio %v, want 1", got)
	}
	if got := b.bridge.busy(); got != 0.9 {
		t.Errorf("the room was busy for %v of the time, want 0.9", got)
	}
}

func TestQuantileIsOneOfAll(t *testing.T) {
	var all []time.Duration
	for i := range 200 {
		all = append(all, time.Duration(200-i))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 101, 0.95: 191, 1: 200} {
		if got := quantile(all, share); got != want {
			t.Errorf("%v: got %d, want %d", share, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("of nothing: got %d, want 0", got)
	}
}

func TestResidentMemoryIsRead(t *testing.T) {
	got, err := readResident("Name:\tmatrix-pretix\nVmHWM:\t   40000 kB\nVmRSS:\t   30720 kB\nThreads:\t9\n")
	if err != nil || got != 30<<20 {
		t.Errorf("got %d and error %v, want %d", got, err, 30<<20)
	}
	if _, err := readResident("Name:\tgone\n"); err == nil {
		t.Error("got no error where there is no such line")
	}
	own, err := resident(os.Getpid())
	if err != nil || own <= 0 {
		t.Errorf("this process: got %d and error %v", own, err)
	}
}

func TestUsedTimeIsThatOfProgramAndKernel(t *testing.T) {
	got, err := readUsed("42 (a (very) odd) name) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 100 1 1")
	if err != nil || got != 3*time.Second {
		t.Errorf("got %s and error %v, want 3s", got, err)
	}
	if _, err := readUsed("42 (gone) Z"); err == nil {
		t.Error("got no error where there is no time")
	}
}

func TestKindsOfRequestsLeaveOutWhomTheyAreAbout(t *testing.T) {
	at := time.Now()
	one := func(method, path string, ms int) request {
		return request{method, "/_matrix/client/v3" + path, at, at.Add(time.Duration(ms) * time.Millisecond)}
	}
	got := kindsOf([]request{
		one("GET", "/profile/@ada:example.org", 2), one("GET", "/profile/@bob:example.org", 3),
		one("PUT", "/rooms/!camp/send/m.room.message/ABCDEFGHIJKLMNOPQRSTUVWXYZ", 9),
	})
	want := []kind{{"PUT /rooms/…/send/m.room.message/…", 1, 9e6}, {"GET /profile/…", 2, 5e6}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUnevenLoopsAreCalledUnsteady(t *testing.T) {
	for name, test := range map[string]struct {
		before, after time.Duration
		want          bool
	}{"even": {10, 11, true}, "twice as slow after": {10, 20, false}, "twice as fast after": {20, 10, false}} {
		b := batch{before: invitations{n: 1, took: test.before}, after: invitations{n: 1, took: test.after}}
		if got := b.steady(); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestRecorderPassesWebhooksOnAndKeepsTheirTime(t *testing.T) {
	var got string
	bridge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		got = r.URL.Path + " " + body.String()
		w.WriteHeader(http.StatusTeapot)
	}))
	defer bridge.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := newRecorder(listener)
	defer r.Close()
	r.Forward(bridge.URL)
	before := time.Now()
	const hook = `{"code":"ABC12","action":"pretix.event.order.paid"}`
	status, err := post(t.Context(), r.URL()+"/_pretix/webhook/x", []byte(hook))
	if err != nil || status != http.StatusTeapot {
		t.Errorf("got status %d and error %v, want the bridge's", status, err)
	}
	if want := "/_pretix/webhook/x " + hook; got != want {
		t.Errorf("the bridge got %q, want %q", got, want)
	}
	arrived, ok := r.Arrival("ABC12", "order.paid")
	if !ok || arrived.at.Before(before) || arrived.at.After(time.Now()) {
		t.Errorf("got %+v (%v), want when it came", arrived, ok)
	}
	if _, ok := r.Arrival("ABC12", "order.placed"); ok {
		t.Error("another action is known")
	}
}

func TestTableShowsTheRatioAndWarnsOfAnUnsteadyMachine(t *testing.T) {
	one := func(seconds int) invitations { return invitations{n: 100, took: time.Duration(seconds) * time.Second} }
	r := results{
		batches: []batch{{size: 100, bridge: one(5), before: one(4), after: one(4), peak: 40 << 20}},
		paths:   []path{{pretix: 50e6, read: 10e6, ours: 10e6, invite: 20e6}}, answers: []time.Duration{1e6}, idle: 30 << 20,
	}
	var out strings.Builder
	r.show(&out)
	for _, want := range []string{"100 tickets, one room", "0.80", "25.0, 25.0", "90.0", "30\n", "40\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	const warning = "the ratio says little"
	if strings.Contains(out.String(), warning) {
		t.Error("it warns of a steady machine")
	}
	r.batches[0].after = one(8)
	out.Reset()
	if r.show(&out); !strings.Contains(out.String(), warning) {
		t.Error("it does not warn of an unsteady machine")
	}
}
