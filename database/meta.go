package database

import (
	"context"
	"fmt"
	"strings"
)

const (
	putMetaQuery = `INSERT INTO pretix_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`
	getMetaQuery = `SELECT value FROM pretix_meta WHERE key = $1`
)

const (
	metaSealKey   = "seal_key_fingerprint"
	metaDigestKey = "digest_key_fingerprint"
)

// WrongKeyError says that a secret of the config is not the one with which the database was written.
type WrongKeyError struct {
	// Keys are the config keys at fault: [SealKeyConfig], [DigestKeyConfig] or both.
	Keys []string
}

// Error names the config keys and what would be lost.
func (e *WrongKeyError) Error() string {
	is := "is not the key"
	if len(e.Keys) > 1 {
		is = "are not the keys"
	}
	return fmt.Sprintf("%s %s with which this database was written: put back the former value from your backup of the config "+
		"(with another one the stored credentials cannot be read, or nobody who was invited is known again)",
		strings.Join(e.Keys, " and "), is)
}

// CheckKeys compares the secrets of the config with those of the first start, which it records: [*WrongKeyError] when one
// differs. To go on would be worse than to stop: everybody would be invited anew.
func (s *Store) CheckKeys(ctx context.Context) error {
	seal, digest := s.keys.Fingerprints()
	var wrong WrongKeyError
	for _, key := range []struct{ meta, config, now string }{
		{metaSealKey, SealKeyConfig, seal}, {metaDigestKey, DigestKeyConfig, digest},
	} {
		if _, err := s.change(ctx, putMetaQuery, key.meta, key.now); err != nil {
			return fmt.Errorf("record the fingerprint of %s: %w", key.config, err)
		}
		var was string
		if err := s.db.QueryRow(ctx, getMetaQuery, key.meta).Scan(&was); err != nil {
			return fmt.Errorf("read the fingerprint of %s: %w", key.config, err)
		}
		if was != key.now {
			wrong.Keys = append(wrong.Keys, key.config)
		}
	}
	if len(wrong.Keys) > 0 {
		return &wrong
	}
	return nil
}
