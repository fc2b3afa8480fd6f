package database

import "testing"

func TestX(t *testing.T) {
	k := testKeys(t)
	a, b := k.Fingerprints()
	t.Logf("\n\tattendeeGolden = %q\n\tsecretGolden = %q\n\tsealGolden = %q\n\tdigestGolden = %q\n\tsealedGolden = %q", k.Attendee("@ada:example.org"), k.SecretDigest("secret"), a, b, k.Seal("plain", "purpose"))
}

const attendeeGolden, secretGolden, sealGolden, digestGolden, sealedGolden = "", "", "", "", ""

func wantNotFound(t *testing.T, err error) {}
