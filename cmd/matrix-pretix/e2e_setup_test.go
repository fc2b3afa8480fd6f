package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// asksForID makes a question of an event that asks for the Matrix ID in its own way, in the place of the one that leaves no doubt.
func (f *fixture) asksForID(e *parts.Event, words, identifier string) {
	f.t.Helper()
	change := fields{"question": fields{"en": words}, "help_text": fields{"en": ""}, "identifier": identifier}
	if err := e.API(f.t.Context(), http.MethodPatch, fmt.Sprintf("questions/%d/", e.Questions.Matrix), change, nil); err != nil {
		f.t.Fatalf("change a question: %v", err)
	}
}

// TestTheQuestionIsChosenWhereThereIsDoubt sets an event up by hand, before and after its first room.
func TestTheQuestionIsChosenWhereThereIsDoubt(t *testing.T) {
	f, olga, direct := started(t)
	ada := f.person("ada")
	f.asksForID(f.conf, "Your Matrix name", "name")
	perOrder := f.perOrderQuestion(f.conf, "Matrix IDs of all of you")
	bare, _, _ := strings.Cut(strings.TrimPrefix(ada.ID.String(), "@"), ":")
	f.order(false, bare)
	f.order(false, "")

	// What is not linked yet has nothing to tell.
	for _, command := range []string{"!status ", "!batchinvite ", "!stop ", "!invite ABC12 ", "!unsetroom "} {
		olga.ask(direct, command+f.ref(), "No room is linked to", "yet", "!setroom "+f.ref())
	}
	olga.ask(direct, "!set "+f.ref()+" server example.org", "No room is linked to")

	// A control room is not opened by accident, nor ever the talk.
	control, room := olga.eventRoom(nil), olga.eventRoom(nil)
	olga.ask(direct, "!setroom "+f.ref(), "Which room?", "private talk")
	olga.ask(direct, "!setroom "+f.ref()+" "+string(direct), "Which room?", "private talk")
	olga.ask(control, "!control "+f.ref(), "can be commanded from this room")
	olga.ask(control, "!setroom "+f.ref(), "Which room?", "every ticket would open it")
	olga.ask(control, "!control", "Commanded from this room", f.ref(), "!control off <event>")
	olga.ask(direct, "!setroom "+string(room), "The event comes first")
	olga.ask(control, "!set server nonsense/", "not the name of a Matrix server")
	olga.ask(control, "!set server "+f.lab.Synapse.ServerName, "is read as", "do not know yet which question asks")

	// The question is proposed, and stays open over commands and talk.
	olga.ask(direct, "!setroom "+f.ref()+" "+string(room), "Does the question **Your Matrix name** ask for the Matrix ID?", "Answer `yes`",
		"**Matrix IDs of all of you** is asked once per order")
	olga.ask(direct, "Hold on", "wait for `yes` or `no`")
	olga.ask(direct, "!logins", "Your Pretix accounts")
	olga.ask(direct, "!foo", "I do not know **foo**")
	olga.ask(direct, "yes", "From now on I take the Matrix ID from **Your Matrix name**", "2 tickets, of which 1 name a Matrix ID")
	olga.ask(direct, "!set "+f.ref()+" question "+fmt.Sprint(perOrder), "asked once per order")
	for _, unclear := range []string{"1", "x", "matr"} {
		olga.ask(direct, "!set "+f.ref()+" question "+unclear, "I do not find a question **"+unclear+"**", "number or its identifier")
	}
	olga.ask(direct, "!setroom "+f.ref()+" "+string(room), "2 tickets match already", "1 of them names no Matrix ID")
	olga.ask(direct, "!set "+f.ref()+" server none", "A bare name is no Matrix ID", "2 tickets, of which 0 name")
	olga.ask(control, "!status", "a name without a server was given")
	olga.ask(direct, "!set "+f.ref()+" server "+f.lab.Synapse.ServerName, "is read as", "of which 1 name")
	olga.ask(direct, "!batchinvite "+f.ref(), "Done", "1 invitation sent")
	olga.awaitMember(room, ada.ID, "invite")

	// Where none speaks of Matrix, there is a list.
	series := f.org.Events["series"]
	f.asksForID(series, "Chat name", "chat")
	other, command := olga.eventRoom(nil), "!setroom "+f.org.Slug+"/series "
	olga.ask(direct, command+string(other), "Which question asks for the Matrix ID? Answer with its number", fmt.Sprintf("`%d` Chat name", series.Questions.Matrix))
	olga.ask(direct, "cancel", "nothing was done")
	olga.ask(direct, command+string(other), "Answer with its number")
	olga.ask(direct, "no", "All right", "!set "+f.org.Slug+"/series question")
	olga.ask(direct, command+string(other), "Answer with its number")
	olga.ask(direct, fmt.Sprint(series.Questions.Matrix), "From now on I take the Matrix ID from **Chat name**")
}

// TestWhatWasJustMendedInPretixIsSeenByTheNextLook mends one thing of the checklist after the other, and says what it says to do at once.
func TestWhatWasJustMendedInPretixIsSeenByTheNextLook(t *testing.T) {
	f, olga, direct := started(t)
	change := func(path string, what fields) {
		t.Helper()
		if err := f.conf.API(t.Context(), http.MethodPatch, path, what, nil); err != nil {
			t.Fatalf("change the event: %v", err)
		}
	}
	look := "!setroom " + f.ref() + " " + string(olga.eventRoom(nil))
	f.asksForID(f.conf, "Chat name", "chat")
	change("", fields{"testmode": true})
	olga.ask(direct, look, "The shop is in test mode", "Which question asks for the Matrix ID?")
	olga.ask(direct, "cancel", "nothing was done")
	f.asksForID(f.conf, "Chat name", "matrix")
	change("", fields{"testmode": false})
	olga.ask(direct, look, "The shop is live", "✅ The question **Chat name** asks for the Matrix ID")

	change(fmt.Sprintf("questions/%d/", f.conf.Questions.Matrix), fields{"question": fields{"en": "Matrix, please"}})
	olga.ask(direct, fmt.Sprintf("!set %s question %d", f.ref(), f.conf.Questions.Matrix), "From now on I take the Matrix ID from **Matrix, please**")
	change(fmt.Sprintf("items/%d/", f.conf.Items.Ticket), fields{"name": fields{"en": "Seat"}})
	olga.ask(direct, look+" seat", "opens to tickets for **Seat** only")
}

// perOrderQuestion makes a question that is asked once per order.
func (f *fixture) perOrderQuestion(e *parts.Event, words string) int64 {
	f.t.Helper()
	var made struct {
		ID int64 `json:"id"`
	}
	body := fields{"question": fields{"en": words}, "type": "T", "required": false, "items": []int64{}, "identifier": "all"}
	if err := e.API(f.t.Context(), http.MethodPost, "questions/", body, &made); err != nil {
		f.t.Fatalf("make a question: %v", err)
	}
	// The API does not offer it, only Pretix's own pages do.
	settings, err := os.ReadFile(filepath.Join(f.lab.Pretix.Dir, "pretix.cfg"))
	if err != nil {
		f.t.Fatal(err)
	}
	setting := func(key string) string {
		found := regexp.MustCompile(`(?m)^`+key+`=(.+)$`).FindAllStringSubmatch(string(settings), -1)
		return found[len(found)-1][1]
	}
	db, err := sql.Open("postgres", fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", setting("user"), setting("host"), setting("port"), setting("name")))
	if err != nil {
		f.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(f.t.Context(), `UPDATE pretixbase_question SET container_type = 'O' WHERE id = $1`, made.ID); err != nil {
		f.t.Fatal(err)
	}
	return made.ID
}

// TestOutageOfTheHomeserverIsNoRefusal has a homeserver that answers nothing about a room.
func TestOutageOfTheHomeserverIsNoRefusal(t *testing.T) {
	f := deploy(t, config.SQLite)
	target, err := url.Parse(f.lab.Synapse.URL)
	if err != nil {
		t.Fatal(err)
	}
	var out atomic.Bool
	forward := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if out.Load() && (strings.Contains(r.URL.Path, "/state/m.room.power_levels") || strings.Contains(r.URL.Path, "/directory/room/")) {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.cfg.Homeserver.Address = server.URL
	f.start()
	olga := f.person("olga")
	direct := olga.direct()
	olga.connects(direct, f.org.Tokens["minimal"])
	room := olga.eventRoom(nil)
	out.Store(true)
	olga.ask(direct, "!setroom "+f.ref()+" "+string(room), "The Matrix server does not answer")
	olga.ask(direct, "!setroom "+f.ref()+" #hall:example.org", "The Matrix server does not answer")
	out.Store(false)
	olga.links(direct, room)
}
