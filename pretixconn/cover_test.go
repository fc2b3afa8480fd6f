package pretixconn

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"matrix-pretix/database"
)

func keys(slugs ...string) []database.EventKey {
	var list []database.EventKey
	for _, slug := range slugs {
		list = append(list, database.EventKey{Instance: "eu", Organizer: "lab", Event: slug})
	}
	return list
}

func TestFewLoginsCoverAllThatCanBeSeen(t *testing.T) {
	type sight = map[string][]database.EventKey
	for name, tt := range map[string]struct {
		wanted []database.EventKey
		sees   sight
		shares []share
		unseen []database.EventKey
	}{
		"nothing to read":              {nil, sight{"a": keys("x")}, nil, nil},
		"nobody connected":             {keys("x", "y"), nil, nil, keys("x", "y")},
		"one sees everything":          {keys("x", "y"), sight{"a": keys("x"), "b": keys("y", "x", "z")}, []share{{"b", keys("x", "y")}}, nil},
		"two equal ones, one is taken": {keys("x"), sight{"b": keys("x"), "a": keys("x")}, []share{{"a", keys("x")}}, nil},
		"two needed":                   {keys("x", "y"), sight{"a": keys("x"), "b": keys("y")}, []share{{"a", keys("x")}, {"b", keys("y")}}, nil},
		"what is covered is not read twice": {
			keys("x", "y", "z"), sight{"a": keys("x", "y"), "b": keys("y", "z")}, []share{{"a", keys("x", "y")}, {"b", keys("z")}}, nil},
		"one event seen by nobody": {keys("x", "y"), sight{"a": keys("y", "w")}, []share{{"a", keys("y")}}, keys("x")},
	} {
		t.Run(name, func(t *testing.T) {
			shares, unseen := cover(tt.wanted, tt.sees)
			if !reflect.DeepEqual(shares, tt.shares) {
				t.Errorf("got shares %v, want %v", shares, tt.shares)
			}
			if len(unseen)+len(tt.unseen) > 0 && !reflect.DeepEqual(unseen, tt.unseen) {
				t.Errorf("got unseen %v, want %v", unseen, tt.unseen)
			}
		})
	}
}

// Whatever is seen, each wanted event is read exactly once, or named as unseen, and only by a login that sees it.
func TestCoverReadsEachEventOnce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var wanted []database.EventKey
		sees := make(map[string][]database.EventKey)
		for i := range rnd.IntN(12) {
			wanted = append(wanted, keys(fmt.Sprint("event", i))...)
		}
		for l := range rnd.IntN(6) {
			for _, key := range wanted {
				if rnd.IntN(3) == 0 {
					sees[fmt.Sprint("login", l)] = append(sees[fmt.Sprint("login", l)], key)
				}
			}
		}
		shares, unseen := cover(wanted, sees)
		count := make(map[database.EventKey]int)
		for _, s := range shares {
			for _, key := range s.Events {
				count[key]++
				if len(common([]database.EventKey{key}, sees[s.Login])) == 0 {
					t.Fatalf("login %s was to read %v, which it does not see: %v", s.Login, key, sees)
				}
			}
		}
		for _, key := range unseen {
			count[key]++
			for login, seen := range sees {
				if len(common([]database.EventKey{key}, seen)) > 0 {
					t.Fatalf("%v called unseen, but %s sees it", key, login)
				}
			}
		}
		for _, key := range wanted {
			if count[key] != 1 {
				t.Fatalf("%v stands %d times in %v and %v, want once", key, count[key], shares, unseen)
			}
		}
	}
}
