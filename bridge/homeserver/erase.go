package homeserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
)

const (
	emptyLogQuery  = `PRAGMA wal_checkpoint(TRUNCATE)`
	writeAnewQuery = `VACUUM (FULL) mx_user_profile, crypto_tracked_user, crypto_device, crypto_cross_signing_keys,
		crypto_cross_signing_signatures, crypto_megolm_inbound_session, crypto_megolm_outbound_session, crypto_megolm_outbound_session_shared`
	clockQuery = `SELECT clock_timestamp()`
	// Whoever began before the deletion may still see what was deleted, and then it is kept for them.
	watchedQuery = `
		SELECT EXISTS (
			SELECT 1 FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start < $1
		)`
)

const (
	// eraseLimit is how long erasing may take: while a table is written anew, nobody else can use it.
	eraseLimit = 30 * time.Second
	// watchedEvery is how often those are looked for who may still see what was deleted.
	watchedEvery = 50 * time.Millisecond
)

// errWatched says that somebody may still see what was deleted, so that the database keeps it.
var errWatched = errors.New("a transaction that is older does not end")

// Erase makes the database give up the bytes of people who were deleted since it last did. SQLite overwrites them in its file, but in its
// write-ahead log they can be read until that is as long once more. Postgres leaves them in a table's file until it has another use for
// their place; so the tables that hold people are written anew, which is quick: they are small. What fails is still to be done.
func (s *Server) Erase(ctx context.Context) error {
	kept, err := s.cryptoKept(ctx)
	if err != nil || !kept || !s.unerased.Swap(false) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, eraseLimit)
	defer cancel()
	if err := s.erase(ctx); err != nil {
		s.unerased.Store(true)
		return fmt.Errorf("erase what was deleted from the database: %w", err)
	}
	return nil
}

func (s *Server) erase(ctx context.Context) error {
	if s.store.Dialect == dbutil.SQLite {
		_, err := s.store.Exec(ctx, emptyLogQuery)
		return err
	}
	if err := s.awaitUnwatched(ctx); err != nil {
		return err
	}
	_, err := s.store.Exec(ctx, writeAnewQuery)
	return err
}

// awaitUnwatched waits until every transaction has ended that began before now.
func (s *Server) awaitUnwatched(ctx context.Context) error {
	var now time.Time
	if err := s.store.QueryRow(ctx, clockQuery).Scan(&now); err != nil {
		return err
	}
	for {
		var watched bool
		if err := s.store.QueryRow(ctx, watchedQuery, now).Scan(&watched); err != nil || !watched {
			return err
		}
		select {
		case <-time.After(watchedEvery):
		case <-ctx.Done():
			return errors.Join(errWatched, ctx.Err())
		}
	}
}
