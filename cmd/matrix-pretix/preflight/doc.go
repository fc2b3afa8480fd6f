// Package preflight finds out, before anything depends on it, whether this program and the homeserver agree about each other:
// tokens, names, addresses. The framework would find out too, but by waiting for half a minute without listening to anybody,
// and with one sentence for many causes.
//
// [Check] asks; [Judge] is the table that says what each answer means and what an admin can do about it. Nothing is ever asked
// about a person.
package preflight
