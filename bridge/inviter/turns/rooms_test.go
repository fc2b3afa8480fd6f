package turns

import (
	"testing"
	"testing/synctest"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/turns/turnstest"
)

func TestOneInviteAtATimeInARoomAndEightRoomsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := NewRooms(8)
		var busy turnstest.Gauge
		for n := range 40 {
			room := id.RoomID("!" + string(rune('a'+n%10)) + ":example.org")
			go func() {
				give, err := rooms.Take(t.Context(), room, n%3 == 0)
				if err != nil {
					t.Error(err)
					return
				}
				busy.Enter(string(room))
				time.Sleep(time.Second)
				busy.Leave(string(room))
				give()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if busy.MostOfOne() != 1 || busy.Most() != 8 {
			t.Errorf("at once: %d in one room, %d in all, want 1 and 8", busy.MostOfOne(), busy.Most())
		}
		if left := len(rooms.each.byKey); left != 0 {
			t.Errorf("%d rooms are still remembered after the last turn", left)
		}
	})
}

func TestOnlyTheNextOneGetsReadyForARoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := NewRooms(8)
		var near turnstest.Gauge
		for range 5 {
			go func() {
				leave, err := rooms.Approach(t.Context(), "!hall:example.org", true)
				if err != nil {
					t.Error(err)
					return
				}
				near.Enter("hall")
				time.Sleep(time.Second)
				near.Leave("hall")
				leave()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := near.Most(); got != 2 {
			t.Errorf("%d were near at once, want the one whose turn it is and the next", got)
		}
	})
}
