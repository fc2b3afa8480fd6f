package inviter

import (
	"context"
	"runtime"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// inviteTakes is what a homeserver takes for an invite in a room, which is a queue; looking somebody up takes a fraction of it.
const (
	inviteTakes = 20 * time.Millisecond
	lookupTakes = 4 * time.Millisecond
)

// BenchmarkBatchOfOneRoom says how much of a plain loop's speed is left when the whole way is gone for each order. The homeserver is
// a fake whose room is the bottleneck; against a real one, whose processor is, see the benchmark of the program.
func BenchmarkBatchOfOneRoom(b *testing.B) {
	const orders = 500
	for b.Loop() {
		bench := newBench(b, dbutil.NoopLogger)
		bench.link(hall)
		bench.matrix.heard = func(id.RoomID, id.UserID, event.Membership, event.Membership, id.UserID) {}
		codes, _ := bench.sold(orders, time.Now().Add(-time.Hour))
		bench.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			switch {
			case done:
			case op == "invite":
				time.Sleep(inviteTakes)
			case op == "exists":
				time.Sleep(lookupTakes)
			}
			return nil
		}
		bench.due(true, codes...)
		plain := time.Now()
		for range orders / 10 {
			time.Sleep(inviteTakes)
		}
		alone := 10 * time.Since(plain)
		began := time.Now()
		bench.start()
		for len(bench.matrix.invited(hall)) < orders {
			time.Sleep(inviteTakes)
		}
		b.ReportMetric(float64(alone)/float64(time.Since(began)), "of-plain-loop")
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(memory.HeapInuse)/(1<<20), "MiB-heap")
		bench.end()
	}
}
