package database

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
)

const (
	addSightQuery     = `INSERT INTO pretix_sight (login, event) VALUES ($1, $2) ON CONFLICT (login, event) DO NOTHING`
	forgetLoginQuery  = `DELETE FROM pretix_sight WHERE login = $1`
	seenByQuery       = `SELECT event FROM pretix_sight WHERE login = $1 ORDER BY event`
	loginsSeeingQuery = `SELECT login FROM pretix_sight WHERE event = $1 ORDER BY login`
)

// SetSight records all that a login sees, in place of what was known. It is kept so that a start while Pretix is away still
// knows whose word counts for an event.
func (s *Store) SetSight(ctx context.Context, login string, events []EventKey) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		if _, err := s.change(ctx, forgetLoginQuery, login); err != nil {
			return fmt.Errorf("set what login %s sees: %w", login, err)
		}
		for _, event := range events {
			if _, err := s.change(ctx, addSightQuery, login, event); err != nil {
				return fmt.Errorf("set what login %s sees: %w", login, err)
			}
		}
		return nil
	})
}

// ForgetLogin records that a login sees nothing any more.
func (s *Store) ForgetLogin(ctx context.Context, login string) error {
	if _, err := s.change(ctx, forgetLoginQuery, login); err != nil {
		return fmt.Errorf("forget what login %s sees: %w", login, err)
	}
	return nil
}

// SeenBy returns the events that a login sees.
func (s *Store) SeenBy(ctx context.Context, login string) ([]EventKey, error) {
	events, err := list(ctx, s.db, dbutil.ScanSingleColumn[EventKey], seenByQuery, login)
	if err != nil {
		return nil, fmt.Errorf("list what login %s sees: %w", login, err)
	}
	return events, nil
}

// LoginsSeeing returns the logins that see an event.
func (s *Store) LoginsSeeing(ctx context.Context, event EventKey) ([]string, error) {
	logins, err := list(ctx, s.db, dbutil.ScanSingleColumn[string], loginsSeeingQuery, event)
	if err != nil {
		return nil, fmt.Errorf("list the logins that see %s: %w", event, err)
	}
	return logins, nil
}
