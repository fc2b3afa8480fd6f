package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/lib/pq"
)

// lockID is the advisory lock's number. Such locks belong to one database of a server, so the number need only be unlike
// those that other programs in the same database choose.
const lockID int64 = 0x6d78707265746978 // "mxpretix"

const (
	tryLockQuery = `SELECT pg_try_advisory_lock($1)`
	// The server's tables hold the number in two halves.
	lockHolderQuery = `
		SELECT COALESCE(activity.application_name, '') FROM pg_locks lock
		LEFT JOIN pg_stat_activity activity ON activity.pid = lock.pid
		WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
			AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND (lock.classid::BIGINT << 32) | lock.objid::BIGINT = $1`
	holdsLockQuery = `
		SELECT EXISTS (
			SELECT 1 FROM pg_locks lock
			WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1 AND lock.pid = pg_backend_pid()
				AND (lock.classid::BIGINT << 32) | lock.objid::BIGINT = $1
		)`
	// The server frees the lock of a client that has vanished without a word: not before the client could know it.
	sessionQuery = `
		SELECT set_config('application_name', $1, false), set_config('tcp_keepalives_idle', '6', false),
			set_config('tcp_keepalives_interval', '3', false), set_config('tcp_keepalives_count', '3', false),
			set_config('tcp_user_timeout', '15000', false), set_config('statement_timeout', '0', false),
			set_config('idle_session_timeout', '0', false)`
)

// The client's side: how long to dial, and to try once.
const (
	dialWithin = 10 * time.Second
	tryWithin  = 15 * time.Second
)

// sessionLock holds an advisory lock of a session, which ends with its connection. That is a connection of its own, kept
// out of the pool and cut by hand: the driver waits for an answer for ever when the network swallows it.
type sessionLock struct {
	name string
	db   *sql.DB
	conn *sql.Conn
	wire wire
}

func newSessionLock(uri, name string) (*sessionLock, error) {
	connector, err := pq.NewConnector(uri)
	if err != nil {
		return nil, ErrDatabaseURI // the parser's text quotes the URI
	}
	s := &sessionLock{name: name}
	connector.Dialer(&s.wire)
	s.db = sql.OpenDB(connector)
	return s, nil
}

func (s *sessionLock) try(ctx context.Context) (held bool, holder string, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	cut := context.AfterFunc(ctx, s.wire.cut)
	defer cut()
	if s.conn == nil {
		if err := s.connect(ctx); err != nil {
			return false, "", fmt.Errorf("connect to Postgres: %w", err)
		}
	}
	if err = s.conn.QueryRowContext(ctx, tryLockQuery, lockID).Scan(&held); err == nil && !held {
		holder, err = s.holder(ctx)
	}
	if err != nil {
		s.hangUp()
		return false, "", fmt.Errorf("ask Postgres for the lock: %w", err)
	}
	return held, holder, nil
}

func (s *sessionLock) connect(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	s.conn = conn
	if _, err := conn.ExecContext(ctx, sessionQuery, s.name); err != nil {
		s.hangUp()
		return err
	}
	return nil
}

func (s *sessionLock) holder(ctx context.Context) (string, error) {
	var name string
	err := s.conn.QueryRowContext(ctx, lockHolderQuery, lockID).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) { // it has just gone
		return unnamed, nil
	}
	if err == nil && name == "" {
		name = unnamed
	}
	return name, err
}

func (s *sessionLock) check(ctx context.Context) error {
	var holds bool
	if err := s.conn.QueryRowContext(ctx, holdsLockQuery, lockID).Scan(&holds); err != nil {
		return err
	}
	if !holds { // a pooler has changed the session under us
		return errLockLost
	}
	return nil
}

// drop ends the session, and the lock with it.
func (s *sessionLock) drop() error {
	s.hangUp()
	return s.db.Close()
}

// hangUp closes the connection. What goes wrong with that changes nothing: the wire is cut anyway.
func (s *sessionLock) hangUp() {
	s.wire.cut()
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}

// wire dials for the driver and keeps hold of the connection that it made last.
type wire struct {
	mutex sync.Mutex
	last  net.Conn
}

// Dial connects, in bounded time.
func (w *wire) Dial(network, address string) (net.Conn, error) {
	return w.DialTimeout(network, address, dialWithin)
}

// DialTimeout connects, in bounded time.
func (w *wire) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	conn, err := net.DialTimeout(network, address, min(timeout, dialWithin))
	if err != nil {
		return nil, err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.last = conn
	return conn, nil
}

func (w *wire) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.last != nil {
		_ = w.last.Close()
		w.last = nil
	}
}
