package database

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/id"
)

// The config keys that are about the two secrets, as an admin has to look for them.
const (
	SealKeyConfig   = "network.seal_key"
	DigestKeyConfig = "network.digest_key"
	// LostSealKeyConfig is where an admin says that the seal key is lost.
	LostSealKeyConfig = "network.lost_seal_key"
)

// KeyBytes is the length of each of the two secrets.
const KeyBytes = 32

// ErrUnsealable says that a sealed text was cut, made for another purpose, or sealed with another key.
var ErrUnsealable = errors.New("sealed text cannot be opened")

const sealVersion = "v1:"

// What a digest is made for goes into it, so that digests of two kinds can never be taken for each other.
const (
	digestAttendee    = "attendee"
	digestSecret      = "secret"
	digestFingerprint = "fingerprint"
)

// Attendee is the person whom a ticket names: the hexadecimal HMAC-SHA256 of their folded Matrix ID under the digest key.
// Without the key nobody can try out which ID it is.
type Attendee string

// Keys seal what must be read again (credentials) and digest what need only be recognized (people, secrets in addresses).
type Keys struct {
	sealer cipher.AEAD
	seal   []byte
	digest []byte
}

// NewKeys takes the two secrets of the config, of [KeyBytes] each. They must differ, so that giving one away to a tool that
// compares people never gives away credentials.
func NewKeys(seal, digest []byte) (*Keys, error) {
	var wrong []error
	if len(seal) != KeyBytes {
		wrong = append(wrong, fmt.Errorf("%s has %d bytes instead of %d", SealKeyConfig, len(seal), KeyBytes))
	}
	if len(digest) != KeyBytes {
		wrong = append(wrong, fmt.Errorf("%s has %d bytes instead of %d", DigestKeyConfig, len(digest), KeyBytes))
	}
	if len(wrong) == 0 && hmac.Equal(seal, digest) {
		wrong = append(wrong, fmt.Errorf("%s and %s are the same", SealKeyConfig, DigestKeyConfig))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return nil, fmt.Errorf("make the cipher of %s: %w", SealKeyConfig, err)
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make the cipher of %s: %w", SealKeyConfig, err)
	}
	return &Keys{sealer: sealer, seal: bytes.Clone(seal), digest: bytes.Clone(digest)}, nil
}

// Seal encrypts a credential for the database. The purpose ("token of login 7f3k") is bound to it: a sealed text copied into
// another row does not open there.
func (k *Keys) Seal(plain, purpose string) string {
	return sealVersion + base64.RawURLEncoding.EncodeToString(k.sealer.Seal(nil, nil, []byte(plain), []byte(purpose)))
}

// IsSealed tells whether a text has come from Seal, if perhaps under another key.
func IsSealed(text string) bool { return strings.HasPrefix(text, sealVersion) }

// Open returns what Seal was given for this purpose, or [ErrUnsealable].
func (k *Keys) Open(sealed, purpose string) (string, error) {
	text, ok := strings.CutPrefix(sealed, sealVersion)
	if !ok {
		return "", fmt.Errorf("%w: unknown version", ErrUnsealable)
	}
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("%w: not base64", ErrUnsealable)
	}
	plain, err := k.sealer.Open(nil, nil, box, []byte(purpose))
	if err != nil {
		return "", ErrUnsealable
	}
	return string(plain), nil
}

// Attendee returns by what a person is recognized. Capitals are folded away, in the server's name because they mean nothing
// there and in the localpart because whoever typed "@Ada:…" into one form and "@ada:…" into another is one person.
func (k *Keys) Attendee(userID id.UserID) Attendee {
	return Attendee(k.sum(digestAttendee, strings.ToLower(string(userID))))
}

// SecretDigest returns by what the secret in a webhook's address is looked up. Whoever measures the time of that look-up
// learns about digests, from which nothing follows for the secret.
func (k *Keys) SecretDigest(secret string) string {
	return k.sum(digestSecret, secret)
}

// Fingerprints returns what may be stored of the two secrets to recognize them by.
func (k *Keys) Fingerprints() (seal, digest string) {
	return sum(k.seal, digestFingerprint, "")[:fingerprintDigits], sum(k.digest, digestFingerprint, "")[:fingerprintDigits]
}

const fingerprintDigits = 16

// IsFingerprint tells whether a text can be the fingerprint of a key.
func IsFingerprint(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == fingerprintDigits && text == strings.ToLower(text)
}

func (k *Keys) sum(kind, text string) string { return sum(k.digest, kind, text) }

func sum(key []byte, kind, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(kind + "\x00" + text))
	return hex.EncodeToString(mac.Sum(nil))
}

// SecretLength is how long the text of a secret in a webhook's address is.
const SecretLength = (secretBytes*8 + 5) / 6

const secretBytes = 32

// newSecret returns random bytes as text that needs no escape in an address.
func newSecret() string {
	var secret [secretBytes]byte
	rand.Read(secret[:]) // never fails: the program ends if the system has no randomness
	return base64.RawURLEncoding.EncodeToString(secret[:])
}
