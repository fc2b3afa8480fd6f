package database

import "testing"

func (f *fixture) wantUntold(what string, want ...LinkReason) []Link {
	f.t.Helper()
	links, err := f.UntoldLinks(f.t.Context())
	f.must(err)
	var got []LinkReason
	for _, link := range links {
		got = append(got, link.Reason)
	}
	wantEqual(f.t, what, got, want)
	return links
}

// untold switches the link of conf to the hall, as somebody does who tells of it later.
func (f *fixture) untold(state LinkState, reason LinkReason) {
	f.t.Helper()
	link, err := f.Link(f.t.Context(), conf, hall)
	f.must(err)
	if changed, err := f.SwitchUntold(f.t.Context(), link, state, reason); err != nil || !changed {
		f.t.Fatalf("switch to %s %s: %v, %v", state, reason, changed, err)
	}
}

func TestALinkThatStoppedByItselfIsToldUntilItWas(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.must(f.SetLinkState(ctx, conf, hall, LinkSuspended, LinkNoPower))
		f.wantUntold("somebody's own doing")
		f.untold(LinkSuspended, LinkRemoved)
		told := f.wantUntold("stopped", LinkRemoved)
		f.untold(LinkActive, "")
		f.must(f.MarkLinkTold(ctx, told[0]))
		f.must(f.MarkLinkTold(ctx, f.wantUntold("goes on, while the stop was told", "")[0]))
		f.wantUntold("all told")
		f.untold(LinkSuspended, LinkRemoved)
		f.link(conf, hall)
		f.wantUntold("linked anew")
	})
}
