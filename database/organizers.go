package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
)

const (
	organizerColumns     = `SELECT organizer, webhook_id, heard_at, swept_at FROM pretix_organizer `
	getOrganizerQuery    = organizerColumns + `WHERE organizer = $1`
	organizerSecretQuery = `
		SELECT organizer, webhook_id, heard_at, swept_at, secret_sealed FROM pretix_organizer WHERE secret_digest = $1`
	addOrganizerQuery = `
		INSERT INTO pretix_organizer (organizer, secret_digest, secret_sealed) VALUES ($1, $2, $3)
		ON CONFLICT (organizer) DO NOTHING`
	getSecretQuery   = `SELECT secret_sealed FROM pretix_organizer WHERE organizer = $1`
	renewSecretQuery = `
		UPDATE pretix_organizer SET secret_digest = $2, secret_sealed = $3, heard_at = 0 WHERE organizer = $1 AND secret_sealed = $4`
	resealSecretQuery = `UPDATE pretix_organizer SET secret_sealed = $3 WHERE organizer = $1 AND secret_digest = $2`
	setWebhookQuery   = `UPDATE pretix_organizer SET webhook_id = $2 WHERE organizer = $1`
	heardQuery        = `UPDATE pretix_organizer SET heard_at = $2 WHERE organizer = $1`
	sweptQuery        = `UPDATE pretix_organizer SET swept_at = $2 WHERE organizer = $1`
)

// Organizer is one that an event of ours belongs to. Its webhook's secret is asked for apart, by [Store.Secret].
type Organizer struct {
	Key OrganizerKey
	// WebhookID is the webhook that we have registered at Pretix; 0 is none.
	WebhookID int64
	// HeardAt is when a webhook last came, SweptAt when a sweep was last done.
	HeardAt, SweptAt time.Time
}

// EnsureOrganizer returns the organizer, made if missing. Its secret is chosen then and changes only when it is lost, since it
// stands in an address at Pretix that perhaps only a person can edit.
func (s *Store) EnsureOrganizer(ctx context.Context, key OrganizerKey) (Organizer, error) {
	secret := newSecret()
	sealed := s.keys.Seal(secret, secretPurpose(key))
	if _, err := s.change(ctx, addOrganizerQuery, key, s.keys.SecretDigest(secret), sealed); err != nil {
		return Organizer{}, fmt.Errorf("add organizer %s: %w", key, err)
	}
	return s.Organizer(ctx, key)
}

// Organizer returns one organizer, or [ErrNotFound].
func (s *Store) Organizer(ctx context.Context, key OrganizerKey) (Organizer, error) {
	organizer, err := readOrganizer(s.db.QueryRow(ctx, getOrganizerQuery, key))
	if err != nil {
		return Organizer{}, fmt.Errorf("get organizer %s: %w", key, one(err))
	}
	return organizer, nil
}

// OrganizerBySecret returns whose webhook has this secret in its address, or [ErrNotFound]. Where the key was lost with which the
// secret is sealed, it is sealed anew, so that an address that works need not change.
func (s *Store) OrganizerBySecret(ctx context.Context, secret string) (Organizer, error) {
	var sealed string
	organizer, err := readOrganizer(s.db.QueryRow(ctx, organizerSecretQuery, s.keys.SecretDigest(secret)), &sealed)
	if err != nil {
		return Organizer{}, fmt.Errorf("get the organizer of a webhook: %w", one(err))
	}
	if _, err := s.keys.Open(sealed, secretPurpose(organizer.Key)); err != nil {
		fresh := s.keys.Seal(secret, secretPurpose(organizer.Key))
		if err := s.changeOrganizer(ctx, organizer.Key, "seal the secret of", resealSecretQuery, s.keys.SecretDigest(secret), fresh); err != nil {
			return Organizer{}, err
		}
	}
	return organizer, nil
}

// Secret returns the secret of the organizer's webhook address, [ErrNotFound], or [ErrUnsealable] when the key is lost with which
// it was sealed. It is for the address alone: never for a log, nor for a room that tickets open.
func (s *Store) Secret(ctx context.Context, key OrganizerKey) (string, error) {
	secret, _, err := s.secret(ctx, key)
	return secret, err
}

func (s *Store) secret(ctx context.Context, key OrganizerKey) (secret, sealed string, _ error) {
	if err := s.db.QueryRow(ctx, getSecretQuery, key).Scan(&sealed); err != nil {
		return "", "", fmt.Errorf("get the secret of %s: %w", key, one(err))
	}
	secret, err := s.keys.Open(sealed, secretPurpose(key))
	if err != nil {
		return "", sealed, fmt.Errorf("open the secret of %s: %w", key, err)
	}
	return secret, sealed, nil
}

// RenewSecret puts a new secret in the place of one that cannot be opened, and returns the one that holds now. From then on
// nothing is known of the former address, nor that Pretix has ever called it.
func (s *Store) RenewSecret(ctx context.Context, key OrganizerKey) (string, error) {
	secret, sealed, err := s.secret(ctx, key)
	if !errors.Is(err, ErrUnsealable) {
		return secret, err
	}
	secret = newSecret()
	fresh := s.keys.Seal(secret, secretPurpose(key))
	if _, err = s.change(ctx, renewSecretQuery, key, s.keys.SecretDigest(secret), fresh, sealed); err != nil {
		return "", fmt.Errorf("renew the secret of %s: %w", key, err)
	}
	return s.Secret(ctx, key) // somebody else may have been faster
}

// SetWebhook records which webhook is ours; 0 when there is none any more.
func (s *Store) SetWebhook(ctx context.Context, key OrganizerKey, webhook int64) error {
	return s.changeOrganizer(ctx, key, "record the webhook of", setWebhookQuery, webhook)
}

// Heard records that a webhook of the organizer has come just now.
func (s *Store) Heard(ctx context.Context, key OrganizerKey) error {
	return s.changeOrganizer(ctx, key, "record a webhook from", heardQuery, at(s.now()))
}

// Swept records that a sweep of the organizer's orders has just been completed.
func (s *Store) Swept(ctx context.Context, key OrganizerKey) error {
	return s.changeOrganizer(ctx, key, "record a sweep of", sweptQuery, at(s.now()))
}

func (s *Store) changeOrganizer(ctx context.Context, key OrganizerKey, doing, query string, args ...any) error {
	if err := s.changeOne(ctx, query, append([]any{key}, args...)...); err != nil {
		return fmt.Errorf("%s %s: %w", doing, key, err)
	}
	return nil
}

func secretPurpose(key OrganizerKey) string { return "webhook secret of " + key.String() }

func readOrganizer(row dbutil.Scannable, more ...any) (o Organizer, err error) {
	err = row.Scan(append([]any{&o.Key, &o.WebhookID, into(&o.HeardAt), into(&o.SweptAt)}, more...)...)
	return o, err
}
