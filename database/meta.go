package database

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	putMetaQuery = `INSERT INTO pretix_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`
	getMetaQuery = `SELECT value FROM pretix_meta WHERE key = $1`
	setMetaQuery = `UPDATE pretix_meta SET value = $2 WHERE key = $1`
)

const (
	metaSealKey   = "seal_key_fingerprint"
	metaDigestKey = "digest_key_fingerprint"
)

// WrongKeyError says that a secret of the config is not the one with which the database was written.
type WrongKeyError struct {
	// Keys are the config keys at fault: [SealKeyConfig], [DigestKeyConfig] or both.
	Keys []string
	// SealKey is the fingerprint of the seal key that is missed, by which an admin says that it is lost.
	SealKey string
}

// Error names the config keys, and what can be done when they are lost.
func (e *WrongKeyError) Error() string {
	is, value := "is not the key", "value"
	if len(e.Keys) > 1 {
		is, value = "are not the keys", "values"
	}
	wrong := fmt.Sprintf("%s %s with which this database was written: put back the former %s from your backup of the config",
		strings.Join(e.Keys, " and "), is, value)
	if slices.Contains(e.Keys, DigestKeyConfig) {
		return wrong + "; if " + DigestKeyConfig + " is lost for good, this database is of no more use, because nobody in it is known again (who has " +
			"left a room would be invited anew): give the program a new one in database.uri, the organizers then connect their accounts and " +
			"link their rooms anew, and who has a ticket already is asked only if they say !batchinvite"
	}
	return fmt.Sprintf("%s; if it is lost for good, say so by %s: %q, and the key that stands in the config now takes its place: the "+
		"organizers are told to connect their accounts anew, webhooks are set up anew where they must be, and nothing else is lost", wrong, LostSealKeyConfig, e.SealKey)
}

// checkKeys compares the secrets of the config with those of the first start, which it records: [*WrongKeyError] when one
// differs. To go on with another digest key would be worse than to stop: everybody would be invited anew. Another seal key is
// taken over by whoever says by its fingerprint that the former one is lost. What remains of that in the config later is about a
// key that is not missed any more, and lets no typo through.
func (s *Store) checkKeys(ctx context.Context, lostSealKey string) error {
	seal, digest := s.keys.Fingerprints()
	missed, err := s.missedKey(ctx, metaSealKey, seal)
	if err != nil {
		return err
	}
	wrong := WrongKeyError{SealKey: missed}
	if missed != "" && missed != lostSealKey {
		wrong.Keys = append(wrong.Keys, SealKeyConfig)
	}
	if missed, err := s.missedKey(ctx, metaDigestKey, digest); err != nil {
		return err
	} else if missed != "" {
		wrong.Keys = append(wrong.Keys, DigestKeyConfig)
	}
	if len(wrong.Keys) > 0 {
		return &wrong
	}
	if missed != "" {
		if _, err := s.change(ctx, setMetaQuery, metaSealKey, seal); err != nil {
			return fmt.Errorf("record the new seal key: %w", err)
		}
	}
	return nil
}

// missedKey returns the fingerprint on record if it is another one, else "". The first one is put on record.
func (s *Store) missedKey(ctx context.Context, meta, now string) (string, error) {
	if _, err := s.change(ctx, putMetaQuery, meta, now); err != nil {
		return "", fmt.Errorf("record the %s: %w", meta, err)
	}
	var was string
	if err := s.db.QueryRow(ctx, getMetaQuery, meta).Scan(&was); err != nil {
		return "", fmt.Errorf("read the %s: %w", meta, err)
	}
	if was == now {
		return "", nil
	}
	return was, nil
}
