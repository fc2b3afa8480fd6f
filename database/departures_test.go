package database

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestUntyingARoomLeavesWordThatItsBotHasToLeave(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab)
		_, err := f.DeleteLink(ctx, conf, hall, began.Add(time.Minute))
		f.must(err)
		f.wantDepartures()
		f.dropEvent(conf) // its bot has to leave all the same
		f.clock.advance(time.Minute)
		f.wantDepartures(hall)

		bot := f.departures()[0].Bot
		f.must(f.PutOffDeparture(ctx, bot, hall, began.Add(time.Hour)))
		f.wantDepartures()
		f.clock.advance(time.Hour)
		f.wantDepartures(hall)
		f.must(f.EndDeparture(ctx, bot, hall))
		f.wantDepartures()
		f.must(f.PutOffDeparture(ctx, bot, hall, began)) // too late: it stays ended
		f.wantDepartures()
	})
}

func TestLinkingARoomAnewEndsTheDeparture(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(camp, hall)
		for _, key := range []EventKey{conf, camp} {
			_, err := f.DeleteLink(t.Context(), key, hall, began)
			f.must(err)
		}
		f.link(conf, hall)
		f.wantDepartures(hall) // that of the other event's bot
		f.link(camp, hall)
		f.wantDepartures()
	})
}

func TestABotLeavesTheRoomThatItsLinkMovedFrom(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab)
		_, err := f.DeleteLink(t.Context(), conf, lab, began)
		f.must(err)
		f.must(f.MoveLink(t.Context(), conf, hall, lab))
		f.wantDepartures(hall)
	})
}

func (f *fixture) departures() []Departure {
	f.t.Helper()
	departures, err := f.Departures(f.t.Context())
	f.must(err)
	return departures
}

func (f *fixture) wantDepartures(rooms ...id.RoomID) {
	f.t.Helper()
	var got []id.RoomID
	for _, d := range f.departures() {
		got = append(got, d.Room)
	}
	wantEqual(f.t, "rooms to leave", got, rooms)
}
