// Package homeserver is the mechanics between the bridge and its homeserver: asking it, speaking through it and hearing from
// it. It decides nothing about events, tickets or rights; where a decision is needed it asks the caller through a hook.
//
// Its promises:
//   - Whatever it returns or logs names no person. Errors are an [*Error] of operation, error code and status; the
//     framework's own lines about a request are thrown away.
//   - A call is tried once, has a deadline, and says how long to wait where the homeserver says so.
//   - Nothing goes in clear into an encrypted room. Where it is not certain that a room is not encrypted, nothing goes at all.
//   - Ordinary members of rooms leave no trace on disk, except those of encrypted rooms, whom encryption needs (leanstore.go).
package homeserver
