package homeserver

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	membersOfRoomQuery  = `SELECT user_id FROM mx_user_profile WHERE room_id=$1`
	deleteInboundQuery  = `DELETE FROM crypto_megolm_inbound_session WHERE room_id=$1`
	deleteOutboundQuery = `DELETE FROM crypto_megolm_outbound_session WHERE room_id=$1`
	emptyLogQuery       = `PRAGMA wal_checkpoint(TRUNCATE)`
	writeAnewQuery      = `VACUUM (FULL) mx_user_profile, crypto_tracked_user, crypto_device, crypto_cross_signing_keys,
		crypto_cross_signing_signatures, crypto_megolm_inbound_session, crypto_megolm_outbound_session, crypto_megolm_outbound_session_shared`
	forgetSessionsOfQuery = `
		UPDATE crypto_megolm_inbound_session SET source_user=''
		WHERE source_user NOT IN ('', $1) AND source_user NOT IN (SELECT user_id FROM mx_user_profile)`
)

// strangersQueries delete what encryption keeps of people who share no encrypted room with us. Whoever does stands in the
// lean state store. The bridge bot's own keys stay, whether it is in a room or not.
var strangersQueries = []string{
	`DELETE FROM crypto_tracked_user WHERE user_id<>$1 AND user_id NOT IN (SELECT user_id FROM mx_user_profile)`,
	`DELETE FROM crypto_device WHERE user_id<>$1 AND user_id NOT IN (SELECT user_id FROM mx_user_profile)`,
	`DELETE FROM crypto_cross_signing_keys WHERE user_id<>$1 AND user_id NOT IN (SELECT user_id FROM mx_user_profile)`,
	`DELETE FROM crypto_cross_signing_signatures WHERE
		(signed_user_id<>$1 AND signed_user_id NOT IN (SELECT user_id FROM mx_user_profile)) OR
		(signer_user_id<>$1 AND signer_user_id NOT IN (SELECT user_id FROM mx_user_profile))`,
	`DELETE FROM crypto_megolm_outbound_session_shared
		WHERE user_id<>$1 AND user_id NOT IN (SELECT user_id FROM mx_user_profile)`,
	forgetSessionsOfQuery,
}

// ForgetRoom forgets who is in a room and what encryption kept for it, for a room with which we have nothing to do any more.
// People who share another encrypted room with us are kept for that one. If the bridge bot is still in the room it can speak
// there again: it reads the members anew.
func (s *Server) ForgetRoom(ctx context.Context, room id.RoomID) error {
	locks := s.room(room)
	locks.reading.Lock()
	defer locks.reading.Unlock()
	locks.membersRead = false
	members, err := s.store.GetAllMembers(ctx, room)
	if err != nil {
		return fmt.Errorf("list the members of a room to forget: %w", err)
	}
	people := false
	for user := range members {
		if s.IsOurs(user) {
			continue
		}
		people = true
		if _, err := s.store.Exec(ctx, deleteMemberQuery, room, user); err != nil {
			return fmt.Errorf("forget a member: %w", err)
		}
	}
	kept, err := s.cryptoKept(ctx)
	if err != nil || !kept {
		return err
	}
	for _, query := range []string{deleteInboundQuery, deleteOutboundQuery} {
		if _, err := s.store.Exec(ctx, query, room); err != nil {
			return fmt.Errorf("forget the keys of a room: %w", err)
		}
	}
	if err := s.ForgetStrangers(ctx); err != nil || !people {
		return err
	}
	return s.eraseDeleted(ctx)
}

// eraseLimit is how long the database may be busy with erasing: while a table is written anew, nobody else can use it.
const eraseLimit = 30 * time.Second

// eraseDeleted makes the database give up the bytes of what was deleted. SQLite overwrites them in its file, but in its write-ahead
// log they can be read until that is as long once more. Postgres leaves them in a table's file until it has another use for their
// place; so the tables that hold people are written anew, which is quick: they are small.
func (s *Server) eraseDeleted(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, eraseLimit)
	defer cancel()
	query := writeAnewQuery
	if s.store.Dialect == dbutil.SQLite {
		query = emptyLogQuery
	}
	if _, err := s.store.Exec(ctx, query); err != nil {
		return fmt.Errorf("erase what was deleted from the database: %w", err)
	}
	return nil
}

// ForgetStrangers forgets what encryption kept of everybody with whom we share no encrypted room.
func (s *Server) ForgetStrangers(ctx context.Context) error {
	kept, err := s.cryptoKept(ctx)
	if err != nil || !kept {
		return err
	}
	for _, query := range strangersQueries {
		if _, err := s.store.Exec(ctx, query, s.Bot()); err != nil {
			return fmt.Errorf("forget the keys of strangers: %w", err)
		}
	}
	return nil
}

// cryptoKept reports whether the database has tables for encryption: they come when it is first switched on, and stay.
func (s *Server) cryptoKept(ctx context.Context) (bool, error) {
	kept, err := s.store.TableExists(ctx, "crypto_device")
	if err != nil {
		return false, fmt.Errorf("look for the tables of encryption: %w", err)
	}
	return kept, nil
}
