package turns

import (
	"context"

	"maunium.net/go/mautrix/id"
)

// Rooms lets one invite at a time into each room, because a homeserver queues them per room anyway, and a few rooms at once. The
// one whose turn is next may get ready meanwhile.
type Rooms struct {
	near Each[id.RoomID]
	each Each[id.RoomID]
	all  *Places
}

// NewRooms has turns in so many rooms at once.
func NewRooms(atOnce int) *Rooms {
	return &Rooms{near: Each[id.RoomID]{places: 2}, all: New(atOnce)}
}

// Approach waits until nobody is ahead but the one whose turn it is. The returned function ends it, and is called after that of Take.
func (r *Rooms) Approach(ctx context.Context, room id.RoomID, live bool) (leave func(), err error) {
	return r.near.Take(ctx, room, live)
}

// Take waits for the room first and for one of the places of all rooms second: who waits for a busy room holds no place that
// another room could use. The returned function ends both.
func (r *Rooms) Take(ctx context.Context, room id.RoomID, live bool) (give func(), err error) {
	leave, err := r.each.Take(ctx, room, live)
	if err != nil {
		return nil, err
	}
	if err := r.all.Take(ctx, live); err != nil {
		leave()
		return nil, err
	}
	return func() {
		r.all.Give()
		leave()
	}, nil
}
