// Package judge decides what becomes of invites. Everything in it is a function of plain values, which somebody has read a moment ago:
//
//   - who must not be asked, by how they stand in the room ([Stands]), and what a member event makes of their invite ([Turned]);
//   - whether a bot may invite into a room, or what is wrong with the room ([StandingOf]), and whether that mends by itself ([Mends]);
//   - what an answer of the homeserver to an invite means ([Invite]): of the room, of the person, or of nobody;
//   - how long to wait for what may pass ([Past], [ServerWait], [PretixWait]).
//
// No server but our own is believed about anything that concerns others than its own people: whatever it answers, no room is stopped
// by it.
package judge
