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

// TestStatusOfAnEventWithoutARoomCountsNoTickets has an event whose orders nobody reads, though tickets may have been sold.
func TestStatusOfAnEventWithoutARoomCountsNoTickets(t *testing.T) {
	text := Status(EventStatus{Event: evilOne, Whole: true, Now: noon})
	if strings.Contains(text, "0 tickets") || !strings.Contains(text, "No room is linked") {
		t.Errorf("got %q, want no count of what is not read", text)
	}
}
