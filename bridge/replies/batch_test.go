package replies

import (
	"strings"
	"testing"
	"time"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
)

func TestABatchSaysHowItStandsAndWhy(t *testing.T) {
	putOff := inviter.Progress{PutOff: 12, Next: noon.Add(5 * time.Minute)}
	sent := inviter.Progress{Tally: inviter.Tally{Invited: 3, Failed: 1}}
	skipped := []authority.Target{{Room: hall, Missing: []authority.Missing{{Kind: authority.NotInRoom, Room: hall}}}}
	for claim, tc := range map[string]struct {
		p    BatchProgress
		want []string
		not  string
	}{
		"begun":                 {BatchProgress{Released: 3, Rooms: 1, Progress: inviter.Progress{Left: 3}}, []string{"📨 Inviting …", "0 invitations sent", "3 to go"}, "Done"},
		"done":                  {BatchProgress{Released: 4, Rooms: 1, Done: true, Progress: sent}, []string{"✅ Done. 3 invitations sent, 1 cannot be invited.", "`!status` says why"}, "to go"},
		"put off by Pretix":     {BatchProgress{Released: 12, Rooms: 1, Done: true, Progress: putOff}, []string{"Not finished", "12 people wait: Pretix does not answer.", "in 5 minutes"}, "Done"},
		"put off without login": {BatchProgress{Rooms: 1, Done: true, Progress: putOff, Hindrance: HindranceLogin}, []string{"12 people wait", "`!authorize`"}, "Done"},
		"nobody left":           {BatchProgress{Rooms: 1, Done: true}, []string{"Nobody is left to invite"}, "Skipped"},
		"nobody left, skipped":  {BatchProgress{Rooms: 1, Done: true, Skipped: skipped}, []string{"Nobody is left to invite", "Skipped: You are not in"}, "No room"},
		"no room":               {BatchProgress{Done: true}, []string{"No room is linked", "`!setroom`"}, "asked already"},
		"no question":           {BatchProgress{Rooms: 1, Done: true, Hindrance: HindranceQuestion}, []string{"which question", "`!set question <number>`"}, "asked already"},
		"orders not read yet":   {BatchProgress{Rooms: 1, Done: true, Hindrance: HindranceScan}, []string{"still reading", "once more"}, "asked already"},
	} {
		tc.p.Now = noon
		got := Batch(tc.p)
		for _, words := range tc.want {
			if !strings.Contains(got, words) {
				t.Errorf("%s is said without %q: %s", claim, words, got)
			}
		}
		if strings.Contains(got, tc.not) {
			t.Errorf("%s is said with %q: %s", claim, tc.not, got)
		}
	}
}
