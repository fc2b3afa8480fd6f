package parts

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// DefaultSlots is how many registrations a homeserver of the lab has loaded: more than tests that need one.
const DefaultSlots = 160

// Slot is a registration that Synapse has loaded. Synapse reads registrations at its start only, and waits longer and longer
// for an application service that did not answer; so there are many, and each is used once.
type Slot struct {
	N               int    `json:"n"`
	ID              string `json:"id"`
	Port            int    `json:"port"`
	URL             string `json:"url"`
	ASToken         string `json:"as_token"`
	HSToken         string `json:"hs_token"`
	SenderLocalpart string `json:"sender_localpart"`
	// Bot is the localpart for the bridge bot, Prefix what the localparts of all event bots begin with: both are the slot's
	// alone.
	Bot    string `json:"bot"`
	Prefix string `json:"prefix"`
	// Path is the registration's file.
	Path string `json:"path"`
}

const slotFile = `id: %s
url: %s
as_token: %s
hs_token: %s
sender_localpart: %s
rate_limited: false
io.element.msc4190: true
namespaces:
  users:
    - {exclusive: true, regex: '^@%s:%s$'}
    - {exclusive: true, regex: '^@%s.*:%s$'}
  aliases: []
  rooms: []
`

// writeSlots writes n registrations into dir.
func writeSlots(dir string, n int) ([]Slot, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of registrations: %w", err)
	}
	ports, err := FreePorts(n)
	if err != nil {
		return nil, err
	}
	slots := make([]Slot, 0, n)
	server := regexp.QuoteMeta(ServerName)
	for i, port := range ports {
		slot := Slot{
			N: i, ID: fmt.Sprintf("slot%d", i), Port: port, URL: fmt.Sprintf("http://127.0.0.1:%d", port),
			ASToken: token(26) + token(26), HSToken: token(26) + token(26), SenderLocalpart: "unused-" + token(24),
			Bot: fmt.Sprintf("pretixbot%d", i), Prefix: fmt.Sprintf("pretix%d_", i),
			Path: filepath.Join(dir, fmt.Sprintf("slot%d.yaml", i)),
		}
		text := fmt.Sprintf(slotFile, slot.ID, slot.URL, slot.ASToken, slot.HSToken, slot.SenderLocalpart,
			slot.Bot, server, slot.Prefix, server)
		if err := os.WriteFile(slot.Path, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write registration: %w", err)
		}
		slots = append(slots, slot)
	}
	return slots, nil
}

// TakeSlot returns a registration that nobody had before, in this process or another, and nobody gets again.
func (s *Synapse) TakeSlot() (*Slot, error) {
	counter, err := lockFile(filepath.Join(s.Dir, "slots", "taken"), false)
	if err != nil {
		return nil, err
	}
	defer counter.Close()
	text, err := io.ReadAll(counter)
	if err != nil {
		return nil, fmt.Errorf("read which registrations are taken: %w", err)
	}
	next, _ := strconv.Atoi(strings.TrimSpace(string(text))) // empty at first
	for next < len(s.Slots) && !portFree(s.Slots[next].Port) {
		next++
	}
	if next >= len(s.Slots) {
		return nil, fmt.Errorf("take a registration: all %d are used; start the lab anew, or with more", len(s.Slots))
	}
	_, err = counter.WriteAt([]byte(strconv.Itoa(next+1)), 0)
	return &s.Slots[next], errors.Join(err, counter.Sync())
}

// Slot is TakeSlot for a test.
func (l *Lab) Slot(t testing.TB) *Slot {
	t.Helper()
	slot, err := l.Synapse.TakeSlot()
	if err != nil {
		t.Fatal(err)
	}
	return slot
}
