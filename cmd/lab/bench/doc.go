// Package bench measures the program: the real binary with a real homeserver and a real shop, each number beside what it is to be
// compared with, taken in the same run on the same parts. Numbers of different runs or machines say little about each other;
// ratios of one run do.
//
// bench.go is the order of things; batch.go with loop.go, path.go, webhooks.go and process.go each take one kind of number; table.go
// shows them.
package bench
