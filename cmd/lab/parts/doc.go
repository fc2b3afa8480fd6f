// Package parts runs the real things that matrix-pretix ties together, on this machine and for a while only: a Synapse, a
// Pretix and a Postgres, each with made-up data and listening on the loopback interface alone. The demo, the benchmarks and
// the tests of all packages stand on it, because no claim about Pretix or Matrix may rest on a fake.
//
// Start here: [Start] brings everything up, [Need] hands a test the lab that "lab run" has brought up, [Pretix.NewOrganizer]
// makes a fresh organizer with events, and [Lab.TakeSlot] gives a registration that Synapse has loaded and nobody has used.
// [PrepareBridge] is for those who want the program itself beside them, as an admin runs it.
package parts
