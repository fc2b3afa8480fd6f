package database

import (
	"errors"
	"strings"
	"testing"
)

func TestAnInstanceKeyStaysWithItsServer(t *testing.T) {
	const old, next = "https://pretix.example.org", "https://tickets.example.org"
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for _, c := range []struct { // in this sequence, on one database
			name    string
			config  Instance
			refused bool
		}{
			{"the first start", Instance{Key: "eu", URL: old}, false},
			{"with a slash", Instance{Key: "eu", URL: old + "/"}, false},
			{"in capitals", Instance{Key: "eu", URL: "https://Pretix.Example.org"}, false},
			{"another server", Instance{Key: "eu", URL: next}, true},
			{"moved from elsewhere", Instance{Key: "eu", URL: next, MovedFrom: "https://third.example.org"}, true},
			{"moved", Instance{Key: "eu", URL: next, MovedFrom: old}, false},
			{"moved, still said", Instance{Key: "eu", URL: next, MovedFrom: old}, false},
			{"moved, no longer said", Instance{Key: "eu", URL: next}, false},
			{"back, unsaid", Instance{Key: "eu", URL: old}, true},
			{"the old one by another key", Instance{Key: "old", URL: old}, false},
		} {
			err := f.CheckInstances(t.Context(), []Instance{c.config})
			moved, refused := errors.AsType[*InstanceMovedError](err)
			if refused != c.refused || (err != nil) != c.refused {
				t.Fatalf("%s: got %v, want refused = %v", c.name, err, c.refused)
			}
			if refused && (moved.Key != "eu" || moved.Is != c.config.URL || !strings.Contains(err.Error(), "network.instances.eu.moved_from")) {
				t.Errorf("%s: got %v", c.name, err)
			}
		}
	})
}

func TestAllInstancesThatMovedAreNamedAndNothingIsRecorded(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.must(f.CheckInstances(ctx, []Instance{{Key: "a", URL: "https://a.example.org"}, {Key: "b", URL: "https://b.example.org"}}))
		err := f.CheckInstances(ctx, []Instance{
			{Key: "c", URL: "https://c.example.org"}, {Key: "a", URL: "https://x.example.org"}, {Key: "b", URL: "https://y.example.org"},
		})
		if err == nil || !strings.Contains(err.Error(), "instances.a") || !strings.Contains(err.Error(), "instances.b") {
			t.Errorf("got %v, want a and b named", err)
		}
		f.must(f.CheckInstances(ctx, []Instance{{Key: "c", URL: "https://z.example.org"}})) // c was not recorded
	})
}
