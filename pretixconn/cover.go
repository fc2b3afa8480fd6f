package pretixconn

import (
	"maps"
	"slices"

	"matrix-pretix/database"
)

// share is a login's part of a sweep: the events that are read with it.
type share struct {
	Login  string
	Events []database.EventKey
}

// cover picks logins that together see all wanted events, few of them, and says which of the events none sees. It takes the login
// that sees most of what is left, again and again. That is not always the smallest choice (finding it is a hard problem), but never
// far from it, and one login nearly always sees everything. The same input gives the same choice.
func cover(wanted []database.EventKey, sees map[string][]database.EventKey) (shares []share, unseen []database.EventKey) {
	left := slices.Clone(wanted)
	logins := slices.Sorted(maps.Keys(sees))
	for len(left) > 0 {
		var best share
		for _, login := range logins {
			if both := common(left, sees[login]); len(both) > len(best.Events) {
				best = share{Login: login, Events: both}
			}
		}
		if len(best.Events) == 0 {
			break
		}
		shares = append(shares, best)
		left = slices.DeleteFunc(left, func(key database.EventKey) bool { return slices.Contains(best.Events, key) })
	}
	return shares, left
}

// common lists the events that stand in both, in the order of the first.
func common(left, seen []database.EventKey) []database.EventKey {
	inSeen := make(map[database.EventKey]bool, len(seen))
	for _, key := range seen {
		inSeen[key] = true
	}
	var both []database.EventKey
	for _, key := range left {
		if inSeen[key] {
			both = append(both, key)
		}
	}
	return both
}
