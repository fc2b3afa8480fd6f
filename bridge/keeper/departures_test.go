package keeper

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

const (
	hall      = id.RoomID("!hall:example.org")
	next      = id.RoomID("!next:example.org")
	bridgeBot = id.UserID("@pretixbot:example.org")
	eventBot  = id.UserID("@pretix_eu__acme__conf:example.org")
)

var conf = database.EventKey{Instance: "eu", Organizer: "acme", Event: "conf"}

// door is a homeserver from whose rooms one can only go.
type door struct {
	Homeserver
	shut error
	left []id.UserID
}

func (d *door) Bot() id.UserID { return bridgeBot }

func (d *door) Leave(_ context.Context, as id.UserID, _ id.RoomID, _ string) error {
	if d.shut == nil {
		d.left = append(d.left, as)
	}
	return d.shut
}

// newKeeper has one event, whose link of the hall was ended: its bot is to leave.
func newKeeper(t *testing.T) (*Keeper, *door) {
	db, err := database.Open(dbutil.PoolConfig{
		Type: database.TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "test.db"), MaxOpenConns: 1, MaxIdleConns: 1,
	}, dbutil.NoopLogger)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	keys, err := database.NewKeys(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	must(t, err)
	store, hs := database.NewStore(db, keys, time.Now), &door{}
	must(t, store.Upgrade(t.Context()))
	_, err = store.EnsureOrganizer(t.Context(), conf.OrganizerKey())
	must(t, err)
	must(t, store.PutEvent(t.Context(), database.Event{Key: conf, GhostID: "eu_acme_conf", Bot: eventBot}))
	link(t, store, hall)
	_, err = store.DeleteLink(t.Context(), conf, hall, time.Now().Add(-time.Second))
	must(t, err)
	return New(Options{Store: store, Homeserver: hs, Now: time.Now, Log: zap.NewNop()}), hs
}

func link(t *testing.T, store *database.Store, room id.RoomID) {
	t.Helper()
	_, err := store.PutLink(t.Context(), database.Link{Event: conf, Room: room, LinkedBy: "@olga:example.org", State: database.LinkActive})
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestABotLeavesUnlessSomethingHoldsItThere(t *testing.T) {
	for name, tc := range map[string]struct {
		held func(ctx context.Context, s *database.Store)
		left []id.UserID
	}{
		"nothing":     {func(context.Context, *database.Store) {}, []id.UserID{eventBot, bridgeBot}},
		"linked anew": {func(_ context.Context, s *database.Store) { link(t, s, hall) }, nil},
		"a control room": {func(ctx context.Context, s *database.Store) {
			_, err := s.PutControl(ctx, database.Control{Event: conf, Room: hall, AddedBy: "@olga:example.org"})
			must(t, err)
		}, []id.UserID{eventBot}},
		"may replace a linked room": {func(ctx context.Context, s *database.Store) {
			link(t, s, next)
			_, err := s.SuspendReplaced(ctx, conf, next, hall)
			must(t, err)
		}, nil},
	} {
		k, hs := newKeeper(t)
		tc.held(t.Context(), k.store)
		if k.Depart(t.Context(), eventBot, hall); !slices.Equal(hs.left, tc.left) {
			t.Errorf("%s: left %v, want %v", name, hs.left, tc.left)
		}
	}
}

// TestABotThatCannotLeaveNowLeavesAtTheNextUpkeep has the homeserver away, and then back.
func TestABotThatCannotLeaveNowLeavesAtTheNextUpkeep(t *testing.T) {
	k, hs := newKeeper(t)
	hs.shut = homeserver.ErrUnavailable
	k.leaveDue(t.Context())
	hs.shut = nil
	k.leaveDue(t.Context())
	if want := []id.UserID{eventBot, bridgeBot}; !slices.Equal(hs.left, want) {
		t.Errorf("left %v, want %v", hs.left, want)
	}
	k.leaveDue(t.Context())
	if len(hs.left) != 2 {
		t.Errorf("left again after it had left: %v", hs.left)
	}
}
