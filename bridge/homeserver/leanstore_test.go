package homeserver

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/database"
)

const (
	ourBot    id.UserID = "@pretixbot:example.org"
	ada       id.UserID = "@ada:example.org"
	bob       id.UserID = "@bob:example.org"
	openRoom  id.RoomID = "!open:example.org"
	dark      id.RoomID = "!dark:example.org"
	theDirect id.RoomID = "!direct:example.org" // of ada
)

// forEachStore runs a test on a lean store with two encrypted rooms in which our bot is, on both kinds of database.
func forEachStore(t *testing.T, test func(t *testing.T, l *leanStore)) {
	open := func(t *testing.T, pool dbutil.PoolConfig) {
		db, err := database.Open(pool, dbutil.NoopLogger)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		inner := sqlstatestore.NewSQLStateStore(db, dbutil.NoopLogger, false)
		if err := inner.Upgrade(t.Context()); err != nil {
			t.Fatal(err)
		}
		ours := func(user id.UserID) bool { return user == ourBot }
		invited := func(_ context.Context, room id.RoomID, user id.UserID) bool { return room == theDirect && user == ada }
		l := newLeanStore(inner, ourBot, ours, invited)
		for _, room := range []id.RoomID{dark, theDirect} {
			if err := l.SetEncryptionEvent(t.Context(), room, &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}); err != nil {
				t.Fatal(err)
			}
			if err := l.SetMembership(t.Context(), room, ourBot, event.MembershipJoin); err != nil {
				t.Fatal(err)
			}
		}
		test(t, l)
	}
	t.Run("sqlite", func(t *testing.T) {
		open(t, dbutil.PoolConfig{Type: database.TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "store.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		uri, drop, err := parts.Need(t).Postgres.NewDatabase(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(drop)
		open(t, dbutil.PoolConfig{Type: database.TypePostgres, URI: uri})
	})
}

func (l *leanStore) rows(t *testing.T, room id.RoomID) map[id.UserID]event.MemberEventContent {
	t.Helper()
	members, err := l.GetAllMembers(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[id.UserID]event.MemberEventContent{}
	for user, member := range members {
		rows[user] = *member
	}
	return rows
}

func TestLeanStoreKeepsOwnUsersAndForWhomToEncrypt(t *testing.T) {
	const join, invite, leave, ban = event.MembershipJoin, event.MembershipInvite, event.MembershipLeave, event.MembershipBan
	forEachStore(t, func(t *testing.T, l *leanStore) {
		for _, c := range []struct {
			room       id.RoomID
			user       id.UserID
			membership event.Membership
			kept       bool
		}{
			{openRoom, ourBot, join, true},
			{openRoom, ada, join, false},
			{openRoom, ada, invite, false},
			{dark, ada, join, true},
			{dark, ada, leave, false},
			{dark, ada, join, true},
			{dark, ada, ban, false},
			{dark, ada, invite, false},
			{theDirect, ada, invite, true},
			{theDirect, bob, invite, false},
			{theDirect, ada, leave, false},
			{dark, ourBot, leave, true},
			{dark, bob, join, false}, // nobody speaks there any more
		} {
			for name, set := range map[string]func() error{
				"SetMember": func() error {
					return l.SetMember(t.Context(), c.room, c.user, &event.MemberEventContent{Membership: c.membership, Displayname: "A name", AvatarURL: "mxc://a/b"})
				},
				"SetMembership": func() error { return l.SetMembership(t.Context(), c.room, c.user, c.membership) },
			} {
				if err := set(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				row, kept := l.rows(t, c.room)[c.user]
				if kept != c.kept || kept && row.Membership != c.membership {
					t.Errorf("%s of %s to %s in %s: kept %v as %q, want kept %v", name, c.user, c.membership, c.room, kept, row.Membership, c.kept)
				}
				if c.user != ourBot && (row.Displayname != "" || row.AvatarURL != "") {
					t.Errorf("%s keeps name %q and picture %q of %s", name, row.Displayname, row.AvatarURL, c.user)
				}
			}
		}
		if !l.IsInRoom(t.Context(), openRoom, ourBot) {
			t.Error("our own user is not in the room")
		}
		if l.IsInRoom(t.Context(), openRoom, ada) || l.IsInvited(t.Context(), openRoom, ada) {
			t.Error("somebody is said to be in a room of which nothing is kept")
		}
		if own := l.rows(t, openRoom)[ourBot]; own.Displayname != "A name" {
			t.Errorf("our own user's name is %q", own.Displayname)
		}
	})
}

func TestLeanStoreReadsListsLikewise(t *testing.T) {
	member := func(user id.UserID, membership event.Membership) *event.Event {
		key := user.String()
		return &event.Event{Type: event.StateMember, StateKey: &key, Content: event.Content{
			Parsed: &event.MemberEventContent{Membership: membership, Displayname: "A name"},
		}}
	}
	everybody := func() []*event.Event {
		return []*event.Event{
			member(ourBot, event.MembershipJoin), member(ada, event.MembershipInvite), member(bob, event.MembershipJoin),
			member("@eve:example.org", event.MembershipLeave), {Type: event.StateMember},
		}
	}
	forEachStore(t, func(t *testing.T, l *leanStore) {
		for room, want := range map[id.RoomID][]id.UserID{openRoom: {ourBot}, dark: {ourBot, bob}, theDirect: {ourBot, ada, bob}} {
			evts := everybody()
			if err := l.ReplaceCachedMembers(t.Context(), room, evts); err != nil {
				t.Fatal(err)
			}
			rows := l.rows(t, room)
			if len(rows) != len(want) {
				t.Errorf("%s: got %v, want %v", room, rows, want)
			}
			for _, user := range want {
				if row, kept := rows[user]; !kept || user != ourBot && row.Displayname != "" {
					t.Errorf("%s: %s kept %v with name %q", room, user, kept, row.Displayname)
				}
			}
			if got := evts[2].Content.AsMember().Displayname; got != "A name" {
				t.Errorf("the caller's event was changed: name %q", got)
			}
		}
		if err := l.ReplaceCachedMembers(t.Context(), dark, []*event.Event{member(ada, event.MembershipJoin)}, event.MembershipJoin); err != nil {
			t.Fatal(err)
		}
		if rows := l.rows(t, dark); len(rows) != 1 || rows[ada].Membership != event.MembershipJoin {
			t.Errorf("after reading those joined: got %v, want only who is joined now", rows)
		}
		if err := l.ClearCachedMembers(t.Context(), dark); err != nil || len(l.rows(t, dark)) > 0 {
			t.Errorf("after clearing: got %v, %v", l.rows(t, dark), err)
		}
		if fetched, err := l.HasFetchedMembers(t.Context(), dark); err != nil || fetched {
			t.Errorf("says that it has all members: %v, %v", fetched, err)
		}
		if err := l.MarkMembersFetched(t.Context(), "!new:example.org"); err != nil {
			t.Errorf("mark members fetched: %v", err)
		}
	})
}

func TestLeanStoreTellsOfEachChangeOfOthers(t *testing.T) {
	forEachStore(t, func(t *testing.T, l *leanStore) {
		var changed []id.RoomID
		l.changed = func(room id.RoomID) { changed = append(changed, room) }
		for _, user := range []id.UserID{ourBot, ada} {
			if err := l.SetMembership(t.Context(), dark, user, event.MembershipJoin); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(changed, []id.RoomID{dark}) {
			t.Errorf("told of %v, want one change in %s", changed, dark)
		}
	})
}

func TestEncryptionIsNeverTakenBack(t *testing.T) {
	forEachStore(t, func(t *testing.T, l *leanStore) {
		for _, content := range []*event.EncryptionEventContent{nil, {}, {Algorithm: "org.example.none"}} {
			if err := l.SetEncryptionEvent(t.Context(), dark, content); err != nil {
				t.Fatal(err)
			}
			if encrypted, err := l.IsEncrypted(t.Context(), dark); err != nil || !encrypted {
				t.Errorf("after %+v the room is encrypted %v, %v; want it as before", content, encrypted, err)
			}
		}
		if encrypted, err := l.IsEncrypted(t.Context(), openRoom); err != nil || encrypted {
			t.Errorf("an open room is encrypted: %v, %v", encrypted, err)
		}
	})
}

func TestPowerAndCreationAreNotKept(t *testing.T) {
	forEachStore(t, func(t *testing.T, l *leanStore) {
		ctx := t.Context()
		levels := &event.PowerLevelsEventContent{Users: map[id.UserID]int{ada: 100}}
		create := &event.Event{Type: event.StateCreate, RoomID: dark, Sender: ada}
		if err := errors.Join(l.SetPowerLevels(ctx, dark, levels), l.SetCreate(ctx, create)); err != nil {
			t.Fatal(err)
		}
		if got, err := l.GetPowerLevels(ctx, dark); got != nil || err != nil {
			t.Errorf("got power levels %v, %v", got, err)
		}
		if got, err := l.GetCreate(ctx, dark); got != nil || err != nil {
			t.Errorf("got create event %v, %v", got, err)
		}
		if got, err := l.SQLStateStore.GetPowerLevels(ctx, dark); got != nil || err != nil {
			t.Errorf("the database holds power levels %v, %v", got, err)
		}
		if got, err := l.SQLStateStore.GetCreate(ctx, dark); got != nil || err != nil {
			t.Errorf("the database holds the create event %v, %v", got, err)
		}
		if got, err := l.GetPowerLevel(ctx, dark, ada); !errors.Is(err, errNotKept) {
			t.Errorf("got power %d, %v; want an error", got, err)
		}
		if got, err := l.GetPowerLevelRequirement(ctx, dark, event.StateMember); !errors.Is(err, errNotKept) {
			t.Errorf("got requirement %d, %v; want an error", got, err)
		}
		if got, err := l.HasPowerLevel(ctx, dark, ada, event.StateMember); got || !errors.Is(err, errNotKept) {
			t.Errorf("got %v, %v; want an error", got, err)
		}
		if got, err := l.IsConfusableName(ctx, dark, ada, "A name"); len(got) > 0 || err != nil {
			t.Errorf("got confusable %v, %v", got, err)
		}
	})
}

// What the framework's store learns to keep in another version must not slip through unseen.
func TestEveryMethodThatWritesIsConsidered(t *testing.T) {
	considered := map[string]bool{
		"SetMembership": true, "SetMember": true, "ClearCachedMembers": true, "ReplaceCachedMembers": true, "SetPowerLevels": true,
		"SetCreate": true, "SetEncryptionEvent": true, "MarkMembersFetched": true,
		"SetJoinRules": true, "SetHistoryVisibility": true, // name rooms only, and nobody
		"MarkRegistered": true, // our own users only
	}
	methods := reflect.TypeFor[appservice.StateStore]()
	for i := range methods.NumMethod() {
		switch name := methods.Method(i).Name; name[:2] {
		case "Is", "Ge", "Tr", "Ha":
		default:
			if !considered[name] {
				t.Errorf("%s may keep somebody: wrap it, or say here why not", name)
			}
		}
	}
}

func TestDatabaseThatFailsIsNoHomeserverThatIsAway(t *testing.T) {
	forEachStore(t, func(t *testing.T, l *leanStore) {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		err := (&Server{store: l}).register(t.Context(), ourBot, nil)
		if err == nil || errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v, want an error of the database", err)
		}
	})
}
