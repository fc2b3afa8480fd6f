package bench

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
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
	for _, b := range r.batches {
		b.show(out)
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

// show prints what a batch took, and where the time went.
func (b batch) show(out io.Writer) {
	loop := b.loop()
	row := func(name, bridge, loop string) {
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("  %-53s  %12s  %12s", name, bridge, loop), " "))
	}
	number := func(digits int, n float64) string { return strconv.FormatFloat(n, 'f', digits, 64) }
	fmt.Fprintf(out, "\n%-55s  %12s  %12s\n", fmt.Sprintf("%d tickets, one room", b.size), "!batchinvite", "plain loop")
	row("invitations per second", number(1, b.bridge.perSecond()), number(1, loop.perSecond()))
	row("ratio; the loop before and after", number(2, b.ratio()), number(1, b.before.perSecond())+", "+number(1, b.after.perSecond()))
	row("until the first is asked for, ms", ms(b.bridge.first), "")
	row("share of the time with an invite under way, %", number(0, 100*b.bridge.busy()), number(0, 100*loop.busy()))
	row("an invite at Synapse, ms", number(1, each(b.bridge.asked, b.bridge.n)), number(1, each(loop.asked, loop.n)))
	row("Synapse's CPU per invitation, ms", number(1, each(b.bridge.synapse, b.bridge.n)), number(1, each(loop.synapse, loop.n)))
	row("matrix-pretix's CPU per invitation, ms", number(1, each(b.bridge.bridge, b.bridge.n)), number(1, each(loop.bridge, loop.n)))
	for _, k := range b.besides[:min(len(b.besides), 4)] {
		row("asked of Synapse: "+k.name, fmt.Sprint(k.n, " times"), number(1, each(k.took, k.n))+" ms")
	}
	if !b.steady() {
		fmt.Fprintln(out, "  The loops before and after differ: the machine had something else to do, and the ratio says little.")
	}
}

const how = `
How: the bridge's time is from the moment the command is typed until its log says that the last order is handled. The loop sends one
request after the other with the same token into rooms like the bridge's, once before and once after it, each to people whom nobody has
invited yet; both speeds stand beside the ratio. What requests take Synapse is from its own log, CPU is the kernel's account. Of single
orders, "paid" is Pretix's payment time, "arrives" is seen by a proxy before the bridge, "read" is from the bridge's log. All clocks are
this machine's.
`

// each is the share of one of n, in milliseconds.
func each(all time.Duration, n int) float64 { return float64(all.Microseconds()) / 1000 / float64(n) }

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
