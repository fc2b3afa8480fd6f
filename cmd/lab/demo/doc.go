// Package demo shows the program at work: a real homeserver, a real shop, the real binary, and an organizer and customers who do
// by the same commands and pages what people would do. Then it leaves everything to whoever watches.
//
// demo.go is the play from beginning to end, screen.go how it is shown.
package demo
