package database

import (
	"context"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestAnEventKeepsItsBotAndSettingsWhenPretixRenamesIt(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.must(f.SetQuestion(ctx, conf, 5, "matrix"))
		f.must(f.SetDefaultServer(ctx, conf, "example.org"))
		f.scanned(conf, began.Add(time.Second))
		f.must(f.AdvanceSweep(ctx, conf, began.Add(2*time.Second)))
		f.clock.advance(time.Hour)
		renamed := newEvent(conf)
		renamed.Name, renamed.PublicURL, renamed.HasSubevents = "New name", "https://new.example.org/", true
		renamed.GhostID, renamed.Bot = "another", "@another:example.org"
		f.must(f.PutEvent(ctx, renamed))
		got, err := f.Event(ctx, conf)
		f.must(err)
		want := newEvent(conf)
		want.Name, want.PublicURL, want.HasSubevents = "New name", "https://new.example.org/", true
		want.QuestionID, want.QuestionIdentifier, want.DefaultServer = 5, "matrix", "example.org"
		want.ScannedAt, want.SweptFrom, want.CreatedAt = began.Add(time.Second), began.Add(2*time.Second), began
		if got != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestAnEventIsFoundByItsBot(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp)
		got, err := f.EventByBot(t.Context(), newEvent(camp).Bot)
		if err != nil || got.Key != camp {
			t.Errorf("got %v, %v, want %v", got.Key, err, camp)
		}
		_, err = f.EventByBot(t.Context(), "@pretix_nobody:example.org")
		wantNotFound(t, err)
	})
}

func TestTwoEventsCannotShareABot(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		for name, e := range map[string]Event{
			"the bot":   {Key: camp, GhostID: "camp", Bot: newEvent(conf).Bot},
			"the ghost": {Key: camp, GhostID: newEvent(conf).GhostID, Bot: "@camp:example.org"},
			"no bot":    {Key: camp, GhostID: "camp"},
			"no ghost":  {Key: camp, Bot: "@camp:example.org"},
		} {
			if err := f.PutEvent(t.Context(), e); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

func TestEventsAreListedByOrganizerAndByWhetherTheyAreLinked(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp, other)
		f.link(conf, hall)
		f.link(conf, lab)
		_, err := f.PutLink(ctx, Link{Event: other, Room: hall, State: LinkSuspended, Reason: LinkNoPower})
		f.must(err)
		for name, c := range map[string]struct {
			list func() ([]Event, error)
			want []EventKey
		}{
			"all":          {func() ([]Event, error) { return f.Events(ctx) }, []EventKey{camp, conf, other}},
			"an organizer": {func() ([]Event, error) { return f.EventsOf(ctx, conf.OrganizerKey()) }, []EventKey{camp, conf}},
			"linked":       {func() ([]Event, error) { return f.LinkedEvents(ctx) }, []EventKey{conf, other}},
		} {
			events, err := c.list()
			f.must(err)
			var got []EventKey
			for _, e := range events {
				got = append(got, e.Key)
			}
			wantEqual(t, name, got, c.want)
		}
	})
}

func TestAWatermarkNeverMovesBack(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		for _, c := range []struct{ to, want time.Time }{
			{began, began}, {began.Add(time.Minute), began.Add(time.Minute)}, {began, began.Add(time.Minute)},
		} {
			f.must(f.AdvanceSweep(ctx, conf, c.to))
			e, err := f.Event(ctx, conf)
			if err != nil || !e.SweptFrom.Equal(c.want) {
				t.Errorf("moved to %v: got %v, %v, want %v", c.to, e.SweptFrom, err, c.want)
			}
		}
		f.must(f.AdvanceSweep(ctx, camp, began)) // an event that has just gone
	})
}

func TestTheWordAboutTestOrdersIsMarkedPerEvent(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp)
		f.must(f.MarkTestTold(t.Context(), conf))
		for key, want := range map[EventKey]bool{conf: true, camp: false} {
			if e, err := f.Event(t.Context(), key); err != nil || e.TestTold != want {
				t.Errorf("%s: got %v, %v, want %v", key, e.TestTold, err, want)
			}
		}
		wantNotFound(t, f.MarkTestTold(t.Context(), other))
	})
}

func TestADeletedEventLeavesNothing(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall, Rule{Item: standard})
		f.record("AAAAA", ticket(1, ada))
		f.control(Control{Event: conf, Room: desk, AddedBy: organizer}, true)
		f.dropEvent(conf)
		for _, table := range []string{"link", "rule", "control", "order", "ticket", "invite", "due"} {
			var n int
			f.must(f.db.QueryRow(ctx, `SELECT COUNT(*) FROM pretix_`+table).Scan(&n))
			if n != 0 {
				t.Errorf("pretix_%s: got %d rows, want none", table, n)
			}
		}
		_, err := f.Event(ctx, camp)
		f.must(err)
	})
}

func TestOnlyAnEventWithoutAnyRoomIsForgotten(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		wantForgotten := func(key EventKey, want bool) {
			t.Helper()
			if got, err := f.ForgetEvent(ctx, key); err != nil || got != want {
				t.Errorf("%s: got forgotten %v, %v, want %v", key, got, err, want)
			}
		}
		f.link(conf, hall)
		f.control(Control{Event: camp, Room: desk, AddedBy: organizer}, true)
		wantForgotten(conf, false)
		wantForgotten(camp, false)
		_, err := f.DeleteLink(ctx, conf, hall, began)
		f.must(err)
		f.must(f.DeleteControl(ctx, camp, desk))
		wantForgotten(conf, true)
		wantForgotten(camp, true)
		wantForgotten(camp, false) // somebody else did
		_, err = f.Event(ctx, conf)
		wantNotFound(t, err)
	})
}

// TestARoomGotMeanwhileKeepsItsEvent has the event forgotten while somebody ties a room to it and has not ended yet.
func TestARoomGotMeanwhileKeepsItsEvent(t *testing.T) {
	ties := map[string]func(ctx context.Context, f *fixture) error{
		"a link": func(ctx context.Context, f *fixture) error {
			_, err := f.PutLink(ctx, Link{Event: conf, Room: hall, LinkedBy: organizer, State: LinkActive})
			return err
		},
		"a control room": func(ctx context.Context, f *fixture) error {
			_, err := f.PutControl(ctx, Control{Event: conf, Room: desk, AddedBy: organizer})
			return err
		},
	}
	for name, tie := range ties {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				f.event(conf)
				forgotten := make(chan bool, 1)
				f.must(f.Alone(t.Context(), conf, func(ctx context.Context) error {
					go func() {
						got, err := f.ForgetEvent(t.Context(), conf)
						forgotten <- got || err != nil
					}()
					return tie(ctx, f)
				}))
				if <-forgotten {
					t.Error("the event was forgotten, and its room with it")
				}
				_, err := f.Event(t.Context(), conf)
				f.must(err)
			})
		})
	}
}

func TestAnOrganizerIsLinkedByAnyOfItsEvents(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp, other)
		f.control(Control{Event: conf, Room: desk, AddedBy: organizer}, true) // opens no room
		f.link(other, hall)
		for _, want := range []bool{false, true} {
			if got, err := f.OrganizerLinked(ctx, conf.OrganizerKey()); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			f.link(camp, lab)
		}
	})
}

func TestAnEventThatIsNotThereIsNotFound(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		_, err := f.Event(ctx, conf)
		wantNotFound(t, err)
		wantNotFound(t, f.SetQuestion(ctx, conf, 1, "x"))
		wantNotFound(t, f.SetDefaultServer(ctx, conf, "x"))
		_, err = f.RecordOrder(ctx, OrderRecord{Event: conf, Code: "AAAAA"})
		wantNotFound(t, err)
		_, err = f.Release(ctx, conf, "")
		wantNotFound(t, err)
		_, err = f.PutLink(ctx, Link{Event: conf, Room: id.RoomID("!x:example.org"), State: LinkActive})
		wantNotFound(t, err)
	})
}

// TestWhatWasReadBeforeASettingChangedDoesNotCount has each thing that may happen to an event while its orders are read as a whole.
func TestWhatWasReadBeforeASettingChangedDoesNotCount(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(f *fixture)
		want      bool
	}{
		"nothing":          {func(*fixture) {}, true},
		"a sweep":          {func(f *fixture) { f.must(f.AdvanceSweep(f.t.Context(), conf, began.Add(time.Minute))) }, true},
		"another question": {func(f *fixture) { f.must(f.SetQuestion(f.t.Context(), conf, 6, "other")) }, false},
		"another server":   {func(f *fixture) { f.must(f.SetDefaultServer(f.t.Context(), conf, "example.org")) }, false},
		"unlinked and linked again": {func(f *fixture) {
			_, err := f.DeleteLink(f.t.Context(), conf, hall, began)
			f.must(err)
			f.link(conf, hall)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				ctx := t.Context()
				f.event(conf)
				f.link(conf, hall)
				f.must(f.SetQuestion(ctx, conf, 5, "matrix"))
				f.must(f.AdvanceSweep(ctx, conf, began))
				read, err := f.Event(ctx, conf)
				f.must(err)
				c.meanwhile(f)
				done, err := f.MarkScanned(ctx, read, began.Add(time.Hour))
				f.must(err)
				after, err := f.Event(ctx, conf)
				f.must(err)
				if done != c.want || after.ScannedAt.IsZero() == c.want {
					t.Errorf("marked as read: %v, at %v; want %v", done, after.ScannedAt, c.want)
				}
			})
		})
	}
}

func TestSettingsThatChangeWhatAnswersMeanAskForAllOrdersAgain(t *testing.T) {
	for name, set := range map[string]func(f *fixture) error{
		"question": func(f *fixture) error { return f.SetQuestion(f.t.Context(), conf, 6, "other") },
		"server":   func(f *fixture) error { return f.SetDefaultServer(f.t.Context(), conf, "example.org") },
	} {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				f.event(conf)
				f.scanned(conf, began)
				f.must(set(f))
				got, err := f.Event(t.Context(), conf)
				f.must(err)
				if !got.ScannedAt.IsZero() {
					t.Errorf("still counts as read at %v", got.ScannedAt)
				}
				f.scanned(conf, began)
				f.must(set(f))
				if got, err = f.Event(t.Context(), conf); err != nil || got.ScannedAt.IsZero() {
					t.Errorf("set to what it was, it is to be read again: %+v, %v", got, err)
				}
			})
		})
	}
}
