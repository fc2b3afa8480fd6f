package replies

import (
	"strings"
	"testing"

	"matrix-pretix/database"
)

// TestStatusShowsNoMoreThanItMay has the status of a room for its moderator, who does not command the event.
func TestStatusShowsNoMoreThanItMay(t *testing.T) {
	room := RoomStatus{ShownLink: ShownLink{Event: evilOne, Link: database.Link{Event: evil, Room: hall, State: database.LinkActive}}}
	text := Status(EventStatus{Event: evilOne, Rooms: []RoomStatus{room}, Tickets: database.TicketCount{Tickets: 4711}, Now: noon})
	for _, secret := range []string{"4711", "Orders last read", "Cannot be invited"} {
		if strings.Contains(text, secret) {
			t.Errorf("tells %q: %s", secret, text)
		}
	}
}
