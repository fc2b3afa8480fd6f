// Package replies holds all that the program says in rooms: functions that take plain values and give the Markdown of an answer, a notice or a
// question. Whoever wants the program to speak another language, or to say something better, changes this package and no other.
//
// It decides nothing and touches nothing. Text that somebody else wrote (names of events and products, arguments of commands) comes in through quote,
// bold or code only, so that it does nothing where it is shown; no list is longer than anybody reads; and no Matrix ID of an attendee is ever said.
// Errors become sentences here ([Failed], [LoginRefused]): what an error says by itself is for the log.
//
// Two texts stand elsewhere: the reason of an invitation is the inviter's, and the names of roles are those of package authority.
package replies
