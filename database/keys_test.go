package database

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"
)

func TestASealedTextOpensForItsPurposeOnly(t *testing.T) {
	keys := testKeys(t)
	sealed := keys.Seal("s3cret", "token of login 7")
	if strings.Contains(sealed, "s3cret") || !strings.HasPrefix(sealed, "v1:") {
		t.Errorf("got %q", sealed)
	}
	if got, err := keys.Open(sealed, "token of login 7"); err != nil || got != "s3cret" {
		t.Errorf("got %q, %v, want s3cret", got, err)
	}
	if got, err := keys.Open(sealed, "token of login 8"); !errors.Is(err, ErrUnsealable) {
		t.Errorf("another purpose: got %q, %v, want ErrUnsealable", got, err)
	}
	if again := keys.Seal("s3cret", "token of login 7"); again == sealed {
		t.Error("sealed twice, the same text came out")
	}
}

func TestASealedTextThatWasTamperedWithDoesNotOpen(t *testing.T) {
	keys := testKeys(t)
	sealed := keys.Seal("s3cret", "p")
	others, err := NewKeys(bytes.Repeat([]byte{1}, KeyBytes), bytes.Repeat([]byte{2}, KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	swap := map[byte]string{'A': "B"}[sealed[20]]
	if swap == "" {
		swap = "A"
	}
	for name, c := range map[string]struct {
		keys *Keys
		text string
	}{
		"another key":     {others, sealed},
		"cut":             {keys, sealed[:len(sealed)-4]},
		"cut to nothing":  {keys, "v1:"},
		"one letter":      {keys, sealed[:20] + swap + sealed[21:]},
		"no version":      {keys, strings.TrimPrefix(sealed, "v1:")},
		"another version": {keys, "v2:" + strings.TrimPrefix(sealed, "v1:")},
		"not base64":      {keys, "v1:?"},
		"empty":           {keys, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := c.keys.Open(c.text, "p"); !errors.Is(err, ErrUnsealable) {
				t.Errorf("got %q, %v, want ErrUnsealable", got, err)
			}
		})
	}
}

func TestCapitalsMakeNobodyAnotherPerson(t *testing.T) {
	keys := testKeys(t)
	for _, c := range []struct {
		a, b id.UserID
		same bool
	}{
		{"@ada:example.org", "@ada:EXAMPLE.org", true},
		{"@ada:example.org", "@Ada:example.org", true},
		{"@ada:example.org", "@bob:example.org", false},
		{"@ada:example.org", "@ada:example.com", false},
		{"@ada:example.org", "@ada:example.org:8448", false},
	} {
		if got := keys.Attendee(c.a) == keys.Attendee(c.b); got != c.same {
			t.Errorf("%s and %s: got same = %v, want %v", c.a, c.b, got, c.same)
		}
	}
}

// Made with the keys of testKeys; the digests were computed by another program as well.
const (
	attendeeGolden = "c2c6dff5f39fa9ca9b69d1ec1e0348b0cf5421e4cb480e35123a71fc0861963e"
	secretGolden   = "bc892bdfc7741b6a3bd475004bc64991052fa006483d51cf7c02f4542831e263"
	sealGolden     = "a3407174c7042707"
	digestGolden   = "b357ea7a0a071c7d"
	sealedGolden   = "v1:-ZeqWS0vLiIe_vUVfaeo054aHH3ks-oi4xCTDbZWvKYv"
)

// What is stored under a digest must be found under it by every later version.
func TestDigestsAreForEver(t *testing.T) {
	keys := testKeys(t)
	if got, want := keys.Attendee("@ada:example.org"), Attendee(attendeeGolden); got != want {
		t.Errorf("attendee: got %s, want %s", got, want)
	}
	if got := keys.SecretDigest("secret"); got != secretGolden {
		t.Errorf("secret: got %s, want %s", got, secretGolden)
	}
	seal, digest := keys.Fingerprints()
	if seal != sealGolden || digest != digestGolden {
		t.Errorf("fingerprints: got %s, %s, want %s, %s", seal, digest, sealGolden, digestGolden)
	}
	if got, err := keys.Open(sealedGolden, "purpose"); err != nil || got != "plain" {
		t.Errorf("sealed: got %q, %v, want plain", got, err)
	}
}

func TestADigestOfOneKindIsNoneOfAnother(t *testing.T) {
	keys := testKeys(t)
	if keys.SecretDigest("@ada:example.org") == string(keys.Attendee("@ada:example.org")) {
		t.Error("a secret's digest can be taken for a person's")
	}
}

func TestKeysOfTheConfigAreCheckedByName(t *testing.T) {
	good, better := bytes.Repeat([]byte{1}, KeyBytes), bytes.Repeat([]byte{2}, KeyBytes)
	for name, c := range map[string]struct {
		seal, digest []byte
		want         []string
	}{
		"a short seal key":   {good[:31], better, []string{SealKeyConfig}},
		"no digest key":      {good, nil, []string{DigestKeyConfig}},
		"both":               {nil, nil, []string{SealKeyConfig, DigestKeyConfig}},
		"twice the same":     {good, good, []string{SealKeyConfig, DigestKeyConfig, "the same"}},
		"two different keys": {good, better, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewKeys(c.seal, c.digest)
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to say %q", err, want)
				}
			}
		})
	}
}
