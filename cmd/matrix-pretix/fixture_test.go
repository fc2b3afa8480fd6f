package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// patience is how long a test waits for what should happen within a second or two, as the machine may be busy, and for a report, which gathers for a
// minute first.
const patience = 100 * time.Second

// kinds are the databases on which the end-to-end tests run.
var kinds = []string{config.SQLite, config.Postgres}

// fixture is one deployment of the program on the lab's real parts, with an organizer and a person who runs their event.
type fixture struct {
	t    *testing.T
	lab  *parts.Lab
	slot *parts.Slot
	org  *parts.Organizer
	conf *parts.Event
	cfg  *config.Config
	logs *observer.ObservedLogs

	stop func() error // ends the program and returns what run returned
}

// deploy prepares a deployment; start runs it.
func deploy(t *testing.T, kind string) *fixture {
	t.Helper()
	lab := parts.Need(t)
	f := &fixture{t: t, lab: lab, slot: lab.Slot(t)}
	var err error
	if f.org, err = lab.Pretix.NewOrganizer(t.Context(), parts.OrganizerSpec{}); err != nil {
		t.Fatalf("make an organizer: %v", err)
	}
	f.conf = f.org.Events["conf"]
	f.cfg = f.config(kind)
	return f
}

func (f *fixture) config(kind string) *config.Config {
	cfg := config.Default()
	cfg.Homeserver = config.Homeserver{Address: f.lab.Synapse.URL, Domain: f.lab.Synapse.ServerName}
	cfg.AppService.Address, cfg.AppService.PublicAddress = f.slot.URL, f.slot.URL
	cfg.AppService.Port, cfg.AppService.ID = f.slot.Port, f.slot.ID
	cfg.AppService.Bot.Username, cfg.AppService.UsernameTemplate = f.slot.Bot, f.slot.Prefix+"{{.}}"
	cfg.AppService.ASToken, cfg.AppService.HSToken = f.slot.ASToken, f.slot.HSToken
	cfg.Database.Type = kind
	cfg.Database.URI = f.database(kind)
	cfg.Bridge.Permissions = map[string]config.Level{f.lab.Synapse.ServerName: config.User}
	cfg.Encryption.PickleKey = key('p')
	cfg.Network.Instances = map[string]config.Instance{"lab": {URL: f.lab.Pretix.URL}}
	cfg.Network.SealKey, cfg.Network.DigestKey = key('s'), key('d')
	cfg.Network.SweepInterval = time.Hour // tests of sweeps say otherwise
	cfg.Logging.MinLevel = "debug"
	return cfg
}

func (f *fixture) database(kind string) string {
	if kind == config.SQLite {
		return "file:" + filepath.Join(f.t.TempDir(), "bridge.db") + "?_txlock=immediate"
	}
	uri, drop, err := f.lab.Postgres.NewDatabase(f.t.Context())
	if err != nil {
		f.t.Fatalf("make a database: %v", err)
	}
	f.t.Cleanup(drop)
	return uri
}

func key(letter byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(letter), 32)))
}

// start runs the program as main does, in this process, and waits until it is ready.
func (f *fixture) start() {
	f.t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	f.logs = logs
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx, f.cfg, zap.New(core)) }()
	stopped := false
	f.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(stopLimit):
			return fmt.Errorf("did not stop within %s", stopLimit)
		}
	}
	f.t.Cleanup(func() {
		if err := f.stop(); err != nil {
			f.t.Errorf("run: %v", err)
		}
		if f.t.Failed() {
			f.dump()
		}
	})
	f.eventually("the bridge is running", func() bool {
		select {
		case err := <-done:
			done <- err
			f.dump()
			f.t.Fatalf("run ended at the start: %v", err)
		default:
		}
		return logs.FilterMessage("the bridge is running").Len() > 0
	})
}

func (f *fixture) dump() {
	for _, entry := range f.logs.All() {
		if entry.Level >= zapcore.DebugLevel {
			f.t.Logf("%s %s %s %v", entry.Level, entry.LoggerName, entry.Message, entry.ContextMap())
		}
	}
}

// eventually waits until something is true, looking often.
func (f *fixture) eventually(what string, holds func() bool) {
	f.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			f.t.Fatalf("still not after %s: %s", patience, what)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// handled waits until the bridge has done with each of these orders, so that whoever is not invited by then is not invited for them.
func (f *fixture) handled(codes ...string) {
	f.t.Helper()
	for _, code := range codes {
		f.eventually("an order is handled", func() bool {
			return f.logs.FilterMessage("order handled").FilterField(zap.String("order", code)).Len() > 0
		})
	}
}

// settled waits until no order is due, however late.
func (f *fixture) settled() {
	f.t.Helper()
	db := f.open()
	defer db.Close()
	f.eventually("no order is due", func() bool {
		var due int
		if err := db.QueryRow(f.t.Context(), "SELECT COUNT(*) FROM pretix_due").Scan(&due); err != nil {
			f.t.Fatalf("count the orders that are due: %v", err)
		}
		return due == 0
	})
}

// bot is the bridge bot.
func (f *fixture) bot() id.UserID { return f.cfg.BotID() }

// eventBot is the bot of an event.
func (f *fixture) eventBot(e *parts.Event) id.UserID {
	name := strings.Join([]string{"lab", e.Organizer, e.Slug}, "_")
	return f.cfg.GhostID(id.EncodeUserLocalpart(name))
}

// person is somebody with a Matrix account and a client that does not encrypt.
type person struct {
	f     *fixture
	ID    id.UserID
	token string
	sent  int
}

// person registers somebody. Their messages are not limited, because tests type fast.
func (f *fixture) person(name string) *person {
	f.t.Helper()
	user, err := f.lab.Synapse.Register(f.t.Context(), parts.Unique(name), parts.UserOptions{Unlimited: true})
	if err != nil {
		f.t.Fatalf("register %s: %v", name, err)
	}
	return &person{f: f, ID: id.UserID(user.UserID), token: user.AccessToken}
}

// try asks the homeserver as this person.
func (p *person) try(method, path string, body, into any) error {
	return p.f.lab.Synapse.Call(p.f.t.Context(), p.token, method, "/_matrix/client/v3"+path, body, into)
}

func (p *person) call(method, path string, body, into any) {
	p.f.t.Helper()
	if err := p.try(method, path, body, into); err != nil {
		p.f.t.Fatalf("%s as somebody: %v", method, err)
	}
}

type fields = map[string]any

// room makes a private room with these people invited.
func (p *person) room(more fields, invite ...id.UserID) id.RoomID {
	p.f.t.Helper()
	body := fields{"preset": "private_chat", "invite": invite}
	for name, value := range more {
		body[name] = value
	}
	if len(invite) == 0 {
		delete(body, "invite")
	}
	var made struct {
		RoomID id.RoomID `json:"room_id"`
	}
	p.call("POST", "/createRoom", body, &made)
	return made.RoomID
}

func esc(text string) string { return url.PathEscape(text) }

// member is what somebody is to a room, as this person sees it.
func (p *person) member(room id.RoomID, who id.UserID) string {
	var content struct {
		Membership string `json:"membership"`
	}
	if p.try("GET", "/rooms/"+esc(string(room))+"/state/m.room.member/"+esc(string(who)), nil, &content) != nil {
		return ""
	}
	return content.Membership
}

// awaitMember waits until somebody is that to a room.
func (p *person) awaitMember(room id.RoomID, who id.UserID, membership string) {
	p.f.t.Helper()
	p.f.eventually("a member is "+membership, func() bool { return p.member(room, who) == membership })
}

// invited lists whom a room has invited or joined, our bots and the asker left out.
func (p *person) invited(room id.RoomID) []id.UserID {
	p.f.t.Helper()
	var answer struct {
		Chunk []struct {
			StateKey id.UserID `json:"state_key"`
			Content  struct {
				Membership string `json:"membership"`
			} `json:"content"`
		} `json:"chunk"`
	}
	p.call("GET", "/rooms/"+esc(string(room))+"/members", nil, &answer)
	var who []id.UserID
	for _, member := range answer.Chunk {
		in := member.Content.Membership == "invite" || member.Content.Membership == "join"
		if in && !p.f.cfg.IsBot(member.StateKey) && member.StateKey != p.ID {
			who = append(who, member.StateKey)
		}
	}
	slices.Sort(who)
	return who
}

// say sends a text and returns its event ID.
func (p *person) say(room id.RoomID, text string) id.EventID {
	p.f.t.Helper()
	p.sent++
	var sent struct {
		EventID id.EventID `json:"event_id"`
	}
	path := fmt.Sprintf("/rooms/%s/send/m.room.message/%d-%d", esc(string(room)), time.Now().UnixNano(), p.sent)
	p.call("PUT", path, fields{"msgtype": "m.text", "body": text}, &sent)
	return sent.EventID
}

// message is what a bot said, with its newest wording.
type message struct {
	ID     id.EventID
	Sender id.UserID
	Body   string
}

// messages lists what was said in a room, oldest first, edits applied.
func (p *person) messages(room id.RoomID) []message {
	p.f.t.Helper()
	var answer struct {
		Chunk []struct {
			EventID id.EventID `json:"event_id"`
			Type    string     `json:"type"`
			Sender  id.UserID  `json:"sender"`
			Content struct {
				Body       string `json:"body"`
				NewContent struct {
					Body string `json:"body"`
				} `json:"m.new_content"`
				RelatesTo struct {
					Type    string     `json:"rel_type"`
					EventID id.EventID `json:"event_id"`
				} `json:"m.relates_to"`
			} `json:"content"`
		} `json:"chunk"`
	}
	p.call("GET", "/rooms/"+esc(string(room))+"/messages?dir=b&limit=200", nil, &answer)
	slices.Reverse(answer.Chunk)
	var said []message
	for _, evt := range answer.Chunk {
		if evt.Type != "m.room.message" {
			continue
		}
		if evt.Content.RelatesTo.Type == "m.replace" {
			for i := range said {
				if said[i].ID == evt.Content.RelatesTo.EventID {
					said[i].Body = evt.Content.NewContent.Body
				}
			}
			continue
		}
		said = append(said, message{ID: evt.EventID, Sender: evt.Sender, Body: evt.Content.Body})
	}
	return said
}

// ever is where [person.hears] begins when what was said at any time counts.
const ever id.EventID = ""

// hears waits until a bot has said something in a room, after a message of one's own, that contains all the words.
func (p *person) hears(room id.RoomID, after id.EventID, words ...string) string {
	p.f.t.Helper()
	var last string
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		said := p.messages(room)
		from := slices.IndexFunc(said, func(m message) bool { return m.ID == after })
		if from < 0 && after != ever {
			p.f.t.Fatalf("the message after which to listen is none of the last %d", len(said))
		}
		for _, m := range said[from+1:] {
			if !p.f.cfg.IsBot(m.Sender) {
				continue
			}
			last = m.Body
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(m.Body, word) }) {
				return m.Body
			}
		}
		<-time.After(100 * time.Millisecond)
	}
	p.f.t.Fatalf("nobody said %q; the last that a bot said is %q", words, last)
	return ""
}

// ask says something and waits for the answer in the same room.
func (p *person) ask(room id.RoomID, text string, words ...string) string {
	p.f.t.Helper()
	return p.hears(room, p.say(room, text), words...)
}

// direct opens a talk with the bridge bot.
func (p *person) direct() id.RoomID {
	p.f.t.Helper()
	room := p.room(fields{"preset": "trusted_private_chat", "is_direct": true}, p.f.bot())
	p.awaitMember(room, p.f.bot(), "join")
	p.hears(room, ever, "!authorize")
	return room
}

// connects connects a Pretix account by a token of one of the organizer's teams.
func (p *person) connects(direct id.RoomID, token string) {
	p.f.t.Helper()
	p.ask(direct, "!authorize", "API token")
	p.ask(direct, token, "Connected")
}

// eventRoom makes a room with the bridge bot in it.
func (p *person) eventRoom(more fields) id.RoomID {
	p.f.t.Helper()
	room := p.room(more, p.f.bot())
	p.awaitMember(room, p.f.bot(), "join")
	return room
}

// links links a room to the event in a talk with the bridge bot, and returns the checklist.
func (p *person) links(direct, room id.RoomID, words ...string) string {
	p.f.t.Helper()
	command := "!setroom " + p.f.org.Slug + "/conf " + string(room)
	if len(words) > 0 {
		command += " " + strings.Join(words, " ")
	}
	return p.ask(direct, command, "asks for the Matrix ID", "may invite")
}
