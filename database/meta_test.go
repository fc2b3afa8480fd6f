package database

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestOnlyTheKeysOfTheFirstStartAreAccepted(t *testing.T) {
	seal, digest := bytes.Repeat([]byte{1}, KeyBytes), bytes.Repeat([]byte{2}, KeyBytes)
	wrong, wronger := bytes.Repeat([]byte{3}, KeyBytes), bytes.Repeat([]byte{4}, KeyBytes)
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for _, c := range []struct { // in this sequence, on one database
			name         string
			seal, digest []byte
			want         []string
		}{
			{"the first start", seal, digest, nil},
			{"the same again", seal, digest, nil},
			{"another seal key", wrong, digest, []string{SealKeyConfig}},
			{"another digest key", seal, wrong, []string{DigestKeyConfig}},
			{"both others", wrong, wronger, []string{SealKeyConfig, DigestKeyConfig}},
			{"swapped", digest, seal, []string{SealKeyConfig, DigestKeyConfig}},
			{"the first ones still", seal, digest, nil},
		} {
			keys, err := NewKeys(c.seal, c.digest)
			f.must(err)
			f.Store.keys = keys
			err = f.checkKeys(t.Context(), "")
			var got []string
			if e, ok := errors.AsType[*WrongKeyError](err); ok {
				got = e.Keys
			} else if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
			for _, key := range c.want {
				if !strings.Contains(err.Error(), key) {
					t.Errorf("%s: %v does not name %s", c.name, err, key)
				}
			}
		}
	})
}

// TestALostSealKeyIsTakenOverOnlyByWhoNamesIt says the loss as an admin copies it from the refusal, and leaves that in the config.
func TestALostSealKeyIsTakenOverOnlyByWhoNamesIt(t *testing.T) {
	seal, digest := bytes.Repeat([]byte{1}, KeyBytes), bytes.Repeat([]byte{2}, KeyBytes)
	fresh, typo := bytes.Repeat([]byte{3}, KeyBytes), bytes.Repeat([]byte{4}, KeyBytes)
	first, err := NewKeys(seal, digest)
	if err != nil {
		t.Fatal(err)
	}
	lost, _ := first.Fingerprints()
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for _, c := range []struct { // in this sequence, on one database
			name         string
			seal, digest []byte
			lost         string
			refused      bool
		}{
			{"the first start", seal, digest, "", false},
			{"another key, and nothing said", fresh, digest, "", true},
			{"another loss said", fresh, digest, "0123456789abcdef", true},
			{"the digest key is wrong as well", fresh, typo, lost, true},
			{"the first key, for nothing was taken over", seal, digest, lost, false},
			{"the loss said", fresh, digest, lost, false},
			{"the new key without a word", fresh, digest, "", false},
			{"a typo, and the word still there", typo, digest, lost, true},
			{"the lost key, and the word still there", seal, digest, lost, true},
			{"the new key still", fresh, digest, lost, false},
		} {
			keys, err := NewKeys(c.seal, c.digest)
			f.must(err)
			f.Store.keys = keys
			err = f.CheckDeployment(t.Context(), Deployment{LostSealKey: c.lost})
			if _, refused := errors.AsType[*WrongKeyError](err); refused != c.refused || (err != nil) != c.refused || IsUnfit(err) != c.refused {
				t.Errorf("%s: got %v, want refused: %v", c.name, err, c.refused)
			}
			if c.lost == "" && c.refused && !strings.Contains(err.Error(), LostSealKeyConfig+": \""+lost+"\"") {
				t.Errorf("%s: %v does not say what to write", c.name, err)
			}
		}
	})
}

func TestNothingIsTakenOverForServersThatDoNotFit(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		before := []Instance{{Key: "eu", URL: "https://pretix.eu"}}
		f.must(f.CheckDeployment(t.Context(), Deployment{Instances: before}))
		lost, _ := f.Store.keys.Fingerprints()
		first := f.Store.keys
		var err error
		f.Store.keys, err = NewKeys(bytes.Repeat([]byte{8}, KeyBytes), first.digest)
		f.must(err)
		elsewhere := Deployment{Instances: []Instance{{Key: "eu", URL: "https://other.example"}}, LostSealKey: lost}
		if err := f.CheckDeployment(t.Context(), elsewhere); !IsUnfit(err) {
			t.Fatalf("another server: got %v", err)
		}
		f.Store.keys = first
		f.must(f.CheckDeployment(t.Context(), Deployment{Instances: before}))
	})
}

func TestALostDigestKeyHasNoWayOnWithThisDatabase(t *testing.T) {
	for _, keys := range [][]string{{DigestKeyConfig}, {SealKeyConfig, DigestKeyConfig}} {
		text := (&WrongKeyError{Keys: keys, SealKey: "0123456789abcdef"}).Error()
		if strings.Contains(text, LostSealKeyConfig) || !strings.Contains(text, "database.uri") {
			t.Errorf("%v: %s", keys, text)
		}
	}
}
