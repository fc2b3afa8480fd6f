// Package notices is who is told, and where, of what happened without a command: whom an event cannot serve, which rooms stopped or go on, which login died.
//
//	the inviter's word, a login's end ──▶ LinkChange, NoLogin, QuestionGone, TestOrder, LoginDied ──┐    the event's control rooms,
//	every ten seconds ──▶ Run: failures, gathered; links that nobody has been told of ──────────────┼──▶ or else those who linked its rooms,
//	keeper, a command: Tell, TellControls, Unserved ────────────────────────────────────────────────┘    each in a talk
//
// Its promises:
//   - What has been told of failures and links is a mark in the row, set after it was said: a crash in between says it twice, which is better than never.
//   - Order codes go to control rooms that no ticket opens, and else only to who may see them at that moment.
//   - Nobody who works on something waits until somebody is told, but for the first order in test mode.
package notices
