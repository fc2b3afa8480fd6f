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
			err = f.CheckKeys(t.Context())
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
