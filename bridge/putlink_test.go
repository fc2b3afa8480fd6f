package bridge

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
)

// TestTwoWhoLinkARoomAtTheSameTimeBothGetTheirRule has neither know of the other.
func TestTwoWhoLinkARoomAtTheSameTimeBothGetTheirRule(t *testing.T) {
	ctx := t.Context()
	db, err := database.Open(dbutil.PoolConfig{
		Type: database.TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "test.db"), MaxOpenConns: 4, MaxIdleConns: 4,
	}, dbutil.NoopLogger)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	keys, err := database.NewKeys(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &Bridge{store: database.NewStore(db, keys, time.Now), now: time.Now}
	if err := b.store.Upgrade(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.EnsureOrganizer(ctx, conf.OrganizerKey()); err != nil {
		t.Fatal(err)
	}
	if err := b.store.PutEvent(ctx, database.Event{Key: conf, GhostID: "eu_acme_conf", Bot: "@pretix_eu__acme__conf:example.org"}); err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		room := id.RoomID(fmt.Sprintf("!room%d:example.org", n))
		changes := make([]replies.LinkChange, 2)
		var group errgroup.Group
		for i := range changes {
			group.Go(func() (err error) {
				rule := database.Rule{Item: int64(i + 1)}
				changes[i], err = b.putLink(ctx, "@olga:example.org", linking{key: conf, room: typed.Room{ID: room}, rule: rule})
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		link, err := b.store.Link(ctx, conf, room)
		if err != nil || len(link.Rules) != 2 {
			t.Fatalf("got rules %+v, %v, want both", link.Rules, err)
		}
		if slices.Sort(changes); !slices.Equal(changes, []replies.LinkChange{replies.LinkMade, replies.LinkWidened}) {
			t.Errorf("got changes %v, want the link made and then widened", changes)
		}
	}
}
