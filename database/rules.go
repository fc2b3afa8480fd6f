package database

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	addRuleQuery = `
		INSERT INTO pretix_rule (event, room_id, item, variation, subevent) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (event, room_id, item, variation, subevent) DO NOTHING`
	deleteRulesQuery = `DELETE FROM pretix_rule WHERE event = $1 AND room_id = $2`
)

// Rule names tickets that open a room: those with this item, variation and subevent, where 0 is any. One of three zeros
// would say what no rule at all says, and is refused.
type Rule struct{ Item, Variation, Subevent int64 }

// Opens reports whether a ticket satisfies the rule. The view pretix_opens says the same in SQL.
func (r Rule) Opens(item, variation, subevent int64) bool {
	return (r.Item == 0 || r.Item == item) &&
		(r.Variation == 0 || r.Variation == variation) &&
		(r.Subevent == 0 || r.Subevent == subevent)
}

// Opens reports whether a ticket opens the room: by one of the link's rules, or because it has none.
func (l Link) Opens(item, variation, subevent int64) bool {
	for _, rule := range l.Rules {
		if rule.Opens(item, variation, subevent) {
			return true
		}
	}
	return len(l.Rules) == 0
}

// AddRule adds a rule to a link, or returns [ErrNotFound] when there is none. The first rule narrows a link that was open to
// every ticket: unsent invites of tickets that no longer open it go. Further ones widen it: known tickets get held invites.
func (s *Store) AddRule(ctx context.Context, key EventKey, room id.RoomID, rule Rule) (Reconciled, error) {
	return s.changeRules(ctx, key, room, addRuleQuery, key, room, rule.Item, rule.Variation, rule.Subevent)
}

// DeleteRules opens the room to every ticket.
func (s *Store) DeleteRules(ctx context.Context, key EventKey, room id.RoomID) (Reconciled, error) {
	return s.changeRules(ctx, key, room, deleteRulesQuery, key, room)
}

func (s *Store) changeRules(ctx context.Context, key EventKey, room id.RoomID, query string, args ...any) (Reconciled, error) {
	var done Reconciled
	err := s.withEvent(ctx, key, func(ctx context.Context) error {
		if _, err := s.Link(ctx, key, room); err != nil {
			return err
		}
		if _, err := s.change(ctx, query, args...); err != nil {
			return err
		}
		var err error
		done, err = s.reconcile(ctx, key, room)
		return err
	})
	if err != nil {
		return Reconciled{}, fmt.Errorf("change what opens %s for %s: %w", room, key, err)
	}
	return done, nil
}
