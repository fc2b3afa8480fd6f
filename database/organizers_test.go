package database

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestAnOrganizersSecretIsMadeOnceAndFoundByItself(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx, key := t.Context(), conf.OrganizerKey()
		if _, err := f.EnsureOrganizer(ctx, key); err != nil {
			t.Fatal(err)
		}
		secret, err := f.Secret(ctx, key)
		f.must(err)
		if len(secret) < 40 {
			t.Errorf("got a secret of %d characters, too short not to be guessed", len(secret))
		}
		if _, err := f.EnsureOrganizer(ctx, key); err != nil {
			t.Fatal(err)
		}
		again, err := f.Secret(ctx, key)
		f.must(err)
		if again != secret {
			t.Error("asked for again, the organizer has another secret")
		}
		found, err := f.OrganizerBySecret(ctx, secret)
		if err != nil || found.Key != key {
			t.Errorf("got %v, %v, want %v", found.Key, err, key)
		}
		if len(secret) != SecretLength {
			t.Errorf("the secret has %d characters, want %d", len(secret), SecretLength)
		}
		for _, wrong := range []string{"", "x", secret + "x", f.keys.SecretDigest(secret)} {
			_, err := f.OrganizerBySecret(ctx, wrong)
			wantNotFound(t, err)
		}
		var sealed string
		f.must(f.db.QueryRow(ctx, getSecretQuery, key).Scan(&sealed))
		if sealed == secret {
			t.Error("the secret stands in the database as it is")
		}
	})
}

func TestTwoOrganizersHaveTwoSecrets(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, other)
		a, err := f.Secret(t.Context(), conf.OrganizerKey())
		f.must(err)
		b, err := f.Secret(t.Context(), other.OrganizerKey())
		f.must(err)
		if a == b {
			t.Error("both have the same secret")
		}
	})
}

func TestASecretCopiedToAnotherOrganizerDoesNotOpen(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, other)
		_, err := f.change(t.Context(), `
			UPDATE pretix_organizer SET secret_sealed = (SELECT secret_sealed FROM pretix_organizer WHERE organizer = $1)
			WHERE organizer = $2`, conf.OrganizerKey(), other.OrganizerKey())
		f.must(err)
		if _, err := f.Secret(t.Context(), other.OrganizerKey()); !errors.Is(err, ErrUnsealable) {
			t.Errorf("got %v, want ErrUnsealable", err)
		}
	})
}

func TestWhatIsKnownOfAnOrganizerIsReadBack(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx, key := t.Context(), conf.OrganizerKey()
		f.event(conf)
		f.must(f.SetWebhook(ctx, key, 7))
		f.must(f.Heard(ctx, key))
		f.clock.advance(time.Minute)
		f.must(f.Swept(ctx, key))
		got, err := f.Organizer(ctx, key)
		want := Organizer{Key: key, WebhookID: 7, HeardAt: began, SweptAt: began.Add(time.Minute)}
		if err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestAnOrganizerThatIsNotThereIsNotFound(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx, key := t.Context(), conf.OrganizerKey()
		_, err := f.Organizer(ctx, key)
		wantNotFound(t, err)
		_, err = f.Secret(ctx, key)
		wantNotFound(t, err)
		wantNotFound(t, f.Heard(ctx, key))
		wantNotFound(t, f.Swept(ctx, key))
		wantNotFound(t, f.SetWebhook(ctx, key, 1))
	})
}

// losesSealKey is what the database sees of a new seal key.
func (f *fixture) losesSealKey() {
	f.t.Helper()
	keys, err := NewKeys(bytes.Repeat([]byte{9}, KeyBytes), f.Store.keys.digest)
	f.must(err)
	f.Store.keys = keys
}

func TestASecretThatCannotBeOpenedIsRenewedAndNoOther(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx, key := t.Context(), conf.OrganizerKey()
		f.event(conf)
		f.must(f.SetWebhook(ctx, key, 7))
		f.must(f.Heard(ctx, key))
		former, err := f.Secret(ctx, key)
		f.must(err)
		if secret, err := f.RenewSecret(ctx, key); err != nil || former != secret {
			t.Fatalf("one that opens was renewed, %v", err)
		}
		f.losesSealKey()
		if _, err := f.Secret(ctx, key); !errors.Is(err, ErrUnsealable) {
			t.Fatalf("got %v, want ErrUnsealable", err)
		}
		secret, err := f.RenewSecret(ctx, key)
		if kept, openErr := f.Secret(ctx, key); err != nil || openErr != nil || secret != kept || secret == former {
			t.Fatalf("renewed: %v, %v, the same as before: %v", err, openErr, secret == former)
		}
		_, err = f.OrganizerBySecret(ctx, former)
		wantNotFound(t, err)
		got, err := f.OrganizerBySecret(ctx, secret)
		if want := (Organizer{Key: key, WebhookID: 7}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v: never heard at this address", got, err, want)
		}
	})
}

func TestASecretIsRegainedFromAWebhookThatComesWithIt(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx, key := t.Context(), conf.OrganizerKey()
		f.event(conf)
		secret, err := f.Secret(ctx, key)
		f.must(err)
		f.losesSealKey()
		_, err = f.OrganizerBySecret(ctx, newSecret())
		wantNotFound(t, err)
		if got, err := f.OrganizerBySecret(ctx, secret); err != nil || got.Key != key {
			t.Fatalf("got %+v, %v", got, err)
		}
		if got, err := f.Secret(ctx, key); err != nil || got != secret {
			t.Errorf("got the secret back: %v, %v", got == secret, err)
		}
	})
}
