package inviter
import ("testing";"time";"fmt";"context";"sync";"go.mau.fi/util/dbutil";"maunium.net/go/mautrix/id")
func TestZZ(t *testing.T) {
	b := newBench(t, dbutil.NoopLogger); b.link(hall)
	codes,_ := b.sold(500, time.Now())
	var mu sync.Mutex
	var ends []time.Time; var gaps []time.Duration
	var began time.Time
	b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
		if done { if op=="invite" { mu.Lock(); ends = append(ends, time.Now()); mu.Unlock() }; return nil }
		if op == "invite" { mu.Lock(); if n:=len(ends); n>0 { gaps=append(gaps, time.Since(ends[n-1])) } else { fmt.Println("first invite after", time.Since(began)) }; mu.Unlock(); time.Sleep(20*time.Millisecond) }
		if op == "exists" { time.Sleep(4*time.Millisecond) }
		return nil
	}
	b.due(true, codes...)
	began = time.Now()
	b.start()
	for len(b.matrix.invited(hall)) < 500 { time.Sleep(20*time.Millisecond) }
	fmt.Println("all", time.Since(began))
	for _, part := range [][]time.Duration{gaps[:50], gaps[50:150], gaps[150:300], gaps[300:]} { var sum time.Duration; for _, g := range part { sum += g }; fmt.Println(sum/time.Duration(len(part))) }
	st := time.Now(); for range 50 { time.Sleep(20*time.Millisecond) }; fmt.Println("sleep", time.Since(st)/50)
	b.end()
}
