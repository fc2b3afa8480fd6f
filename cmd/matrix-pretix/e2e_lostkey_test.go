package main

import (
	"regexp"
	"strings"
	"testing"

	"go.uber.org/zap"
)

// TestLostSealKeyCostsOrganizersOneCommand has a webhook at a real Pretix and sweeps too seldom to help: who is invited after the loss was told of by
// the webhook.
func TestLostSealKeyCostsOrganizersOneCommand(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		f.start()
		olga, ada, bob := f.person("olga"), f.person("ada"), f.person("bob")
		direct := olga.direct()
		olga.connects(direct, f.org.Tokens["minimal"])
		room := olga.eventRoom(nil)
		olga.links(direct, room)
		f.order(false, ada.ID.String())
		olga.awaitMember(room, ada.ID, "invite")
		former := f.webhookTarget()
		if err := f.stop(); err != nil {
			t.Fatal(err)
		}

		f.cfg.Network.SealKey = key('x')
		err := run(t.Context(), f.cfg, zap.NewNop())
		said := regexp.MustCompile(`network\.lost_seal_key: "([0-9a-f]+)"`).FindStringSubmatch(err.Error())
		if statusOf(err) != statusConfig || said == nil {
			t.Fatalf("got %v with status %d, want the way on with status %d", err, statusOf(err), statusConfig)
		}
		f.cfg.Network.LostSealKey = said[1]
		f.start()
		olga.hears(direct, ever, "I can no longer use your connection", "`!authorize`")
		olga.ask(direct, "!setroom "+f.ref()+"x "+string(room), "no Pretix account that you have connected can be used any more")
		olga.connects(direct, f.org.Tokens["minimal"])
		f.eventually("the webhook has a new address", func() bool { return f.webhookTarget() != former })
		f.order(false, bob.ID.String())
		olga.awaitMember(room, bob.ID, "invite")
		if list := olga.links(direct, room); !strings.Contains(list, "Pretix tells me of each order at once") {
			t.Errorf("the checklist says %s", list)
		}
	})
}
