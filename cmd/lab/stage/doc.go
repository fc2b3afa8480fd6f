// Package stage puts the real parts and the program together, with people who want something of it. It is what the demo and the
// benchmark have in common: whatever is seen there was done by the binary that an admin runs, asked in the words that an organizer
// types.
package stage
