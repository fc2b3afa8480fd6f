package database

import (
	"errors"
	"testing"
)

func TestAKeyIsReadBackFromItsText(t *testing.T) {
	organizerKey, err := ParseOrganizerKey("eu/Lab.e-V")
	if want := (OrganizerKey{Instance: "eu", Organizer: "Lab.e-V"}); err != nil || organizerKey != want {
		t.Errorf("got %v, %v, want %v", organizerKey, err, want)
	}
	eventKey, err := ParseEventKey("eu/Lab.e-V/2026")
	if want := organizerKey.Event("2026"); err != nil || eventKey != want {
		t.Errorf("got %v, %v, want %v", eventKey, err, want)
	}
	if got := eventKey.String(); got != "eu/Lab.e-V/2026" {
		t.Errorf("got %q", got)
	}
	if got := eventKey.OrganizerKey(); got != organizerKey {
		t.Errorf("got %v, want %v", got, organizerKey)
	}
}

func TestATextThatIsNoKeyIsRefused(t *testing.T) {
	for _, text := range []string{"", "eu", "eu/lab", "eu/lab/", "/lab/conf", "eu//conf", "eu/lab/conf/x"} {
		if key, err := ParseEventKey(text); !errors.Is(err, ErrBadKey) {
			t.Errorf("%q: got %v, %v, want ErrBadKey", text, key, err)
		}
	}
	for _, text := range []string{"", "eu", "eu/", "/lab", "eu/lab/conf"} {
		if key, err := ParseOrganizerKey(text); !errors.Is(err, ErrBadKey) {
			t.Errorf("%q: got %v, %v, want ErrBadKey", text, key, err)
		}
	}
}

func TestAKeyThatCouldNotBeReadBackIsNotWritten(t *testing.T) {
	if value, err := (EventKey{Instance: "eu", Organizer: "lab", Event: "a/b"}).Value(); !errors.Is(err, ErrBadKey) {
		t.Errorf("got %v, %v, want ErrBadKey", value, err)
	}
	if value, err := (OrganizerKey{Instance: "eu"}).Value(); !errors.Is(err, ErrBadKey) {
		t.Errorf("got %v, %v, want ErrBadKey", value, err)
	}
}

func TestAColumnOfAnotherTypeIsNoKey(t *testing.T) {
	var key EventKey
	if err := key.Scan(int64(3)); !errors.Is(err, ErrBadKey) {
		t.Errorf("got %v, want ErrBadKey", err)
	}
	if err := key.Scan([]byte("eu/lab/conf")); err != nil || key != conf {
		t.Errorf("got %v, %v, want %v", key, err, conf)
	}
}
