package homeserver

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	membersOfRoomQuery    = `SELECT user_id FROM mx_user_profile WHERE room_id=$1`
	deleteInboundQuery    = `DELETE FROM crypto_megolm_inbound_session WHERE room_id=$1`
	deleteOutboundQuery   = `DELETE FROM crypto_megolm_outbound_session WHERE room_id=$1`
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
	for user := range members {
		if s.IsOurs(user) {
			continue
		}
		if err := s.delete(ctx, deleteMemberQuery, room, user); err != nil {
			return fmt.Errorf("forget a member: %w", err)
		}
	}
	kept, err := s.cryptoKept(ctx)
	if err != nil || !kept {
		return err
	}
	for _, query := range []string{deleteInboundQuery, deleteOutboundQuery} {
		if err := s.delete(ctx, query, room); err != nil {
			return fmt.Errorf("forget the keys of a room: %w", err)
		}
	}
	if err := s.ForgetStrangers(ctx); err != nil {
		return err
	}
	return s.Erase(ctx)
}

// ForgetStrangers forgets what encryption kept of everybody with whom we share no encrypted room.
func (s *Server) ForgetStrangers(ctx context.Context) error {
	kept, err := s.cryptoKept(ctx)
	if err != nil || !kept {
		return err
	}
	for _, query := range strangersQueries {
		if err := s.delete(ctx, query, s.Bot()); err != nil {
			return fmt.Errorf("forget the keys of strangers: %w", err)
		}
	}
	return nil
}

// delete runs a statement that takes people out, and notes that their bytes are still to be erased.
func (s *Server) delete(ctx context.Context, query string, args ...any) error {
	result, err := s.store.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		s.unerased.Store(true)
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
