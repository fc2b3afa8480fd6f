package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
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

// The client's side: how long it may take to dial, to try once, and to part.
const (
	dialWithin = 10 * time.Second
	tryWithin  = 15 * time.Second
	dropWithin = 2 * time.Second
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

// try may be slow, but never hangs: when its time or ctx is over, the wire is cut. Queries get no deadline of their own,
// because the driver would then open another connection to say so.
func (s *sessionLock) try(ctx context.Context) (held bool, holder string, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	s.wire.mend()
	stop := context.AfterFunc(ctx, s.wire.cut)
	defer stop()
	if s.conn == nil {
		if err := s.connect(ctx); err != nil {
			return false, "", aboutServer(fmt.Errorf("connect to Postgres: %w", err))
		}
	}
	quiet := context.WithoutCancel(ctx)
	if err = s.conn.QueryRowContext(quiet, tryLockQuery, lockID).Scan(&held); err == nil && !held {
		holder, err = s.holder(quiet)
	}
	if err != nil {
		s.hangUp()
		return false, "", aboutServer(fmt.Errorf("ask Postgres for the lock: %w", err))
	}
	return held, holder, nil
}

func (s *sessionLock) connect(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	s.conn = conn
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), sessionQuery, s.name); err != nil {
		s.hangUp()
		if e, ok := errors.AsType[*pq.Error](err); ok && e.Code == undefinedObject {
			return errOldPostgres
		}
		return err
	}
	return nil
}

// errOldPostgres is said of a server that does not know a setting of 2021.
var errOldPostgres = errors.New("this server is older than Postgres 14, the oldest that works")

// What the server says by its codes, whole or by their class.
const (
	undefinedObject     = "42704"
	classConnection     = "08"
	classShortOfMeans   = "53" // too many connections, among others
	classAtTheOperators = "57" // it starts, stops or was told to end the session
)

// aboutServer marks the errors of a server that is away or not ready. Others, such as a wrong password, do not pass by waiting.
func aboutServer(err error) error {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		if class := string(e.Code.Class()); class == classConnection || class == classShortOfMeans || class == classAtTheOperators {
			return awayError{err}
		}
		return err
	}
	_, network := errors.AsType[*net.OpError](err)
	_, name := errors.AsType[*net.DNSError](err)
	if network || name || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) {
		return awayError{err}
	}
	return err
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
	if err := s.conn.QueryRowContext(context.WithoutCancel(ctx), holdsLockQuery, lockID).Scan(&holds); err != nil {
		return err
	}
	if !holds { // a pooler has changed the session under us
		return ErrLockLost
	}
	return nil
}

// disturbed reports whether the server has closed the connection, or said something without having been asked.
func (s *sessionLock) disturbed() bool { return s.wire.stirs() }

// drop ends the session, and the lock with it. Neither a query that still hangs nor a server that is away may hold it up,
// and what the driver says of a connection that is broken anyway helps nobody.
func (s *sessionLock) drop() error {
	late := time.AfterFunc(dropWithin, s.wire.cut)
	defer late.Stop()
	if s.conn != nil {
		_ = s.conn.Close()
	}
	_ = s.db.Close()
	return nil
}

// hangUp gives a connection up that has failed, so that the next try dials anew.
func (s *sessionLock) hangUp() {
	s.wire.cut()
	_ = s.conn.Close()
	s.conn = nil
}
