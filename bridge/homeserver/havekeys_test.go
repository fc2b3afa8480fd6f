package homeserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

func TestManyPeoplesKeysAreAskedForTogether(t *testing.T) {
	const people = 250
	var questions, asked, tooMany atomic.Int32
	server, _ := offline(t, func(w http.ResponseWriter, r *http.Request) {
		var question struct {
			DeviceKeys map[id.UserID][]string `json:"device_keys"`
		}
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
			t.Error(err)
		}
		questions.Add(1)
		asked.Add(int32(len(question.DeviceKeys)))
		if len(question.DeviceKeys) > 100 {
			tooMany.Add(1)
		}
		known := map[id.UserID]map[string]any{"@nobody:example.org": {}}
		for who := range question.DeviceKeys {
			if who != "@guest7:example.org" {
				known[who] = map[string]any{"DEVICE": map[string]any{}}
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"device_keys": known})
	})
	var found errgroup.Group
	for i := range people {
		found.Go(func() error {
			who := id.UserID(fmt.Sprintf("@guest%d:example.org", i))
			if has := server.HasKeys(t.Context(), who); has != (i != 7) {
				return fmt.Errorf("%s has keys: %v", who, has)
			}
			return nil
		})
	}
	if err := found.Wait(); err != nil {
		t.Error(err)
	}
	if asked.Load() != people || questions.Load() > people/5 || tooMany.Load() > 0 {
		t.Errorf("%d people were asked for in %d questions, %d of them long, want %d in few that are short",
			asked.Load(), questions.Load(), tooMany.Load(), people)
	}
}

func TestKeysThatCannotBeAskedForSayNothing(t *testing.T) {
	server, _ := offline(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	for range 2 {
		if server.HasKeys(t.Context(), "@ada:example.org") {
			t.Error("somebody has keys of whom the homeserver said nothing")
		}
	}
}

func TestPeopleOfOurHomeserverAreKnownByTheirKeys(t *testing.T) {
	s := newSetting(t)
	b := s.start()
	people := make(map[string]*parts.User)
	for _, name := range []string{"with", "without"} {
		user, err := s.lab.Synapse.Register(t.Context(), parts.Unique(name), parts.UserOptions{NoName: true})
		if err != nil {
			t.Fatal(err)
		}
		people[name] = user
	}
	if err := s.lab.Synapse.GiveKeys(t.Context(), people["with"]); err != nil {
		t.Fatal(err)
	}
	if !b.HasKeys(t.Context(), id.UserID(people["with"].UserID)) {
		t.Error("somebody with keys was not found")
	}
	for _, who := range []id.UserID{id.UserID(people["without"].UserID), id.UserID("@" + parts.Unique("nobody") + ":" + parts.ServerName)} {
		if b.HasKeys(t.Context(), who) {
			t.Error("somebody without keys was found")
		}
	}
}
