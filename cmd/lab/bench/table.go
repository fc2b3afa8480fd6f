package bench

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

// results are all numbers.
type results struct {
	batches []batch
	paths   []path
	answers []time.Duration
	idle    int64
}

// show prints the table.
func (r results) show(out io.Writer) {
	fmt.Fprintf(out, "\nSynapse %s on SQLite, Pretix %s and matrix-pretix on Postgres, %d CPUs, all in one run\n",
		parts.SynapseVersion, parts.PretixVersion, runtime.NumCPU())
	fmt.Fprintf(out, "\n%-28s  %12s  %10s  %5s  %9s  %9s  %22s\n", "invitations per second", "!batchinvite", "plain loop", "ratio", "room busy",
		"first, ms", "ms each: bridge / loop")
	for _, b := range r.batches {
		loop := b.loop()
		fmt.Fprintf(out, "  %4d tickets, one room       %12.1f  %10.1f  %5.2f  %7.0f %%  %9s  %13.1f / %-6.1f\n",
			b.size, b.bridge.perSecond(), loop.perSecond(), b.ratio(), 100*b.bridge.busy(), ms(b.bridge.first), each(b.bridge), each(loop))
	}
	fmt.Fprintf(out, "\npaid until invited, ms of %d orders                         median     p95\n", len(r.paths))
	for _, part := range []struct {
		name string
		of   func(path) time.Duration
	}{
		{"Pretix   from paid until its webhook arrives", func(p path) time.Duration { return p.pretix }},
		{"Pretix   until the order has been read from its API", func(p path) time.Duration { return p.read }},
		{"ours     until the invite is sent, look-ups included", func(p path) time.Duration { return p.ours }},
		{"           of which Synapse answers look-ups", func(p path) time.Duration { return p.lookups }},
		{"Synapse  the invite", func(p path) time.Duration { return p.invite }},
		{"together", path.total},
	} {
		all := make([]time.Duration, len(r.paths))
		for i, p := range r.paths {
			all[i] = part.of(p)
		}
		fmt.Fprintf(out, "  %-55s %8s %7s\n", part.name, ms(quantile(all, 0.5)), ms(quantile(all, 0.95)))
	}
	fmt.Fprintf(out, "\nwebhook answered, ms of %d posts\n", len(r.answers))
	fmt.Fprintf(out, "  %-55s %8s %7s\n", "by the bridge, a connection each", ms(quantile(r.answers, 0.5)), ms(quantile(r.answers, 0.95)))
	fmt.Fprintf(out, "\nmemory of the bridge, MiB resident\n  %-55s %8.0f\n", "idle", mebibytes(r.idle))
	for _, b := range r.batches {
		fmt.Fprintf(out, "  %-55s %8.0f\n", fmt.Sprintf("at most in the batch of %d", b.size), mebibytes(b.peak))
	}
	fmt.Fprint(out, how)
}

const how = `
How: the bridge's time is from the moment the command is typed until its log says that the last order is handled; the loop sends one
request after the other with the same token into rooms like the bridge's, once before and once after it. "Room busy" is the share of
the bridge's time in which an invite was under way; "first" is when the first one began; "ms each" is what an invite took Synapse by
its own log. Of single orders, "paid" is Pretix's payment time, "arrives" is seen by a proxy before the bridge, "read" is from the
bridge's own log, and what Synapse takes from Synapse's. All clocks are this machine's.
`

// each is what an invite request takes the homeserver, in milliseconds.
func each(i invitations) float64 { return float64(i.asked.Microseconds()) / 1000 / float64(i.n) }

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

// quantile is the value below which that share of all lies: 0.5 is the median. It is one of them, the upper where two are meant.
func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
