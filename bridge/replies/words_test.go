package replies

import (
	"testing"
	"time"

	"matrix-pretix/database"
)

func TestNumbersReadAsSentences(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{count(1, "order"), "1 order"},
		{count(0, "order"), "0 orders"},
		{each(time.Minute), "minute"},
		{each(90 * time.Second), "2 minutes"},
		{each(time.Second), "second"},
		{each(30 * time.Second), "30 seconds"},
		{roughly(49 * time.Second), "50 seconds"},
		{roughly(50 * time.Second), "1 minute"},
		{roughly(3 * time.Hour), "3 hours"},
		{roughly(72 * time.Hour), "3 days"},
		{ago(time.Time{}, noon), "never"},
		{ago(noon.Add(-2*time.Minute), noon), "2 minutes ago"},
		{Stopped(1), "Stopped: 1 person is not invited for now. `!batchinvite` takes it up again."},
		{inviteCounts([]database.InviteCount{{State: database.InviteInvited, Count: 2}, {State: database.InviteHeld, Count: 1}}, noon), "2 invited, 0 joined, 1 not asked yet (`!batchinvite`)"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}
