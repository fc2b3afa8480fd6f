package database
import ("testing";"fmt";"time";"math/rand/v2")
func TestAdhoc(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf); f.link(conf, hall, Rule{Item: standard}); f.link(conf, lab)
		const n = 5000
		s := time.Now()
		for i := range n { f.recordHeld(fmt.Sprintf("C%05d", i), ticket(int64(2*i+1), Attendee(fmt.Sprint("a", i))), ticket(int64(2*i+2), Attendee(fmt.Sprint("b", i)))) }
		t.Logf("record %d: %v each", n, time.Since(s)/n)
		s = time.Now()
		for i := range 500 { f.record(fmt.Sprintf("C%05d", i), ticket(int64(2*i+1), Attendee(fmt.Sprint("a", i))), ticket(int64(2*i+2), Attendee(fmt.Sprint("bx", i)))) }
		t.Logf("changed: %v each", time.Since(s)/500)
		s = time.Now()
		for i := range 500 { f.record(fmt.Sprintf("C%05d", i), ticket(int64(2*i+1), Attendee(fmt.Sprint("a", i))), ticket(int64(2*i+2), Attendee(fmt.Sprint("bx", i)))) }
		t.Logf("unchanged: %v each", time.Since(s)/500)
		s = time.Now(); d, err := f.Release(t.Context(), conf, ""); f.must(err)
		t.Logf("release %+v %v", d, time.Since(s))
		s = time.Now(); f.CountInvites(t.Context(), conf, ""); t.Logf("count %v", time.Since(s))
		s = time.Now(); f.Failures(t.Context(), conf, 20); t.Logf("failures %v", time.Since(s))
		s = time.Now(); f.Unreported(t.Context()); t.Logf("unreported %v", time.Since(s))
		s = time.Now(); f.NextDue(t.Context(), 100); t.Logf("nextdue %v", time.Since(s))
		s = time.Now(); f.link(conf, desk); t.Logf("new link %v", time.Since(s))
		s = time.Now(); f.AddRule(t.Context(), conf, desk, Rule{Item: workshop}); t.Logf("narrow %v", time.Since(s))
		s = time.Now(); f.MoveLink(t.Context(), conf, lab, "!x:y"); t.Logf("move %v", time.Since(s))
		s = time.Now()
		for range 500 { f.Outcome(t.Context(), conf, hall, Attendee(fmt.Sprint("a", rand.IntN(n))), Outcome{State: InviteInvited}) }
		t.Logf("outcome %v each", time.Since(s)/500)
		s = time.Now()
		for range 500 { f.MemberChanged(t.Context(), hall, Attendee(fmt.Sprint("a", rand.IntN(n))), InviteJoined, "") }
		t.Logf("member %v each", time.Since(s)/500)
	})
}
func TestManySeeds(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			f := openFixture(t, sqliteConfig(t)); f.must(f.Upgrade(t.Context()))
			f.event(conf); f.link(conf, hall)
			w := &wanderer{fixture: f, rand: rand.New(rand.NewPCG(seed+100, 7))}
			for step := range 250 { what := w.step(); f.wantSound(); if t.Failed() { t.Fatalf("after step %d: %s", step, what) } }
		})
	}
}
