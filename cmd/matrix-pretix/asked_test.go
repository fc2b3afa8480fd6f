package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"

	"maunium.net/go/mautrix/id"
)

// asked counts how often the homeserver was asked to invite somebody into a room and decided on it, whether the program heard so or not: a second
// invite of somebody who is invited already leaves no trace in the room. It keeps one answer per room to itself, until who waits for that is gone.
// From the first invite on the program is deaf, else the event would tell it what the answer does not.
type asked struct {
	ear   *ear
	isBot func(id.UserID) bool // who is no guest, and so does not count

	mu    sync.Mutex
	times map[id.RoomID]map[id.UserID]int
	keeps int // the number of the answer in each room that is kept back
	kept  map[id.RoomID]id.UserID
}

// counting puts a count between the program and the homeserver.
func (f *fixture) counting(ear *ear, keeps int) *asked {
	f.t.Helper()
	homeserver, err := url.Parse(f.lab.Synapse.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	a := &asked{ear: ear, isBot: f.cfg.IsBot, times: make(map[id.RoomID]map[id.UserID]int), keeps: keeps, kept: make(map[id.RoomID]id.UserID)}
	forward := passingOn(func() *url.URL { return homeserver })
	mux := http.NewServeMux()
	mux.Handle("/", forward)
	mux.HandleFunc("POST /_matrix/client/v3/rooms/{room}/invite", func(w http.ResponseWriter, r *http.Request) { a.invite(forward, w, r) })
	server := httptest.NewServer(mux)
	f.t.Cleanup(server.Close)
	f.cfg.Homeserver.Address = server.URL
	return a
}

// invite passes an invite on and sees to its answer, even when nobody waits for that any more.
func (a *asked) invite(forward http.Handler, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var wanted struct {
		UserID id.UserID `json:"user_id"`
	}
	if err != nil || json.Unmarshal(body, &wanted) != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if a.isBot(wanted.UserID) {
		forward.ServeHTTP(w, r)
		return
	}
	a.ear.deaf.Store(true)
	answer := httptest.NewRecorder()
	forward.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
	if decided := answer.Code != http.StatusTooManyRequests && answer.Code < 500; decided && a.count(id.RoomID(r.PathValue("room")), wanted.UserID) {
		<-r.Context().Done()
		return
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// count notes a decision and tells whether it is to be kept back.
func (a *asked) count(room id.RoomID, who id.UserID) (keep bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.times[room] == nil {
		a.times[room] = make(map[id.UserID]int)
	}
	a.times[room][who]++
	if keep = len(a.times[room]) == a.keeps && a.kept[room] == ""; keep {
		a.kept[room] = who
	}
	return keep
}

// rooms is in how many rooms somebody was asked of whom the program does not know.
func (a *asked) rooms() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.kept)
}

// into says how often each was asked into a room, and whose answer was kept back.
func (a *asked) into(room id.RoomID) (times map[id.UserID]int, kept id.UserID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.times[room]), a.kept[room]
}

// ear is where the registration leads: what the homeserver says is passed on to the process that listens at the port. Once it is deaf, events are
// taken in and lost.
type ear struct {
	port atomic.Int64
	deaf atomic.Bool
}

func (f *fixture) ear() *ear {
	f.t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", f.slot.Port))
	if err != nil {
		f.t.Fatal(err)
	}
	e, mux := &ear{}, http.NewServeMux()
	forward := passingOn(func() *url.URL {
		return &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", e.port.Load())}
	})
	mux.Handle("/", forward)
	mux.HandleFunc("/_matrix/app/v1/transactions/", func(w http.ResponseWriter, r *http.Request) {
		if e.deaf.Load() {
			_, _ = io.WriteString(w, "{}")
			return
		}
		forward.ServeHTTP(w, r)
	})
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: mux}}
	server.Start()
	f.t.Cleanup(server.Close)
	return e
}

// passingOn passes requests on to where that is at the moment.
func passingOn(to func() *url.URL) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to()) }, ErrorLog: log.New(io.Discard, "", 0)}
}

// enters comes into a room by an invite that there is.
func (p *person) enters(room id.RoomID) {
	p.f.t.Helper()
	p.call("POST", "/join/"+esc(string(room)), fields{}, nil)
}
