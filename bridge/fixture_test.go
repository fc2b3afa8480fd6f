package bridge

import (
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

var (
	conf = database.EventKey{Instance: "eu", Organizer: "acme", Event: "conf"}
	noon = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
)

const hall = id.RoomID("!hall:example.org")
