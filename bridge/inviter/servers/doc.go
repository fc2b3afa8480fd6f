// Package servers keeps in mind how the homeservers of people answer, so that one that is slow or dead holds up its own people only.
//
//   - Looking somebody up is a [Visit]: a few at once at each server, and a few in all. Whoever finds a server that does not move is
//     told when to come again instead of waiting for it.
//   - Inviting somebody is an [Errand]. What it says about the server counts apart, for a server may answer questions and take no
//     invites; one that lets an invite hang is left alone at once, because its room waits with it.
//   - A server that has not answered several times is left alone for a while, longer each time, and then tried by one at a time. Any
//     answer makes up for all of it.
//
// Our own homeserver has turns like the others, but is never left alone: without it nothing goes on anyway. What is known is in memory
// only, and of no more servers than some hundreds that have nothing against them.
package servers
