// Package logs makes the one logger of the program, and sees to it that no person and no secret gets into what it writes.
//
// There are two nets. The first is a list of field names whose texts may be written (fields.go): a field that is not on it
// keeps its place as a name under "hidden", without what it held. The second looks at every text that is left and takes out
// whatever looks like a Matrix ID, a mail address or a credential (scrub.go). [New] makes a logger with both, [Guard] puts
// them around any other, [Framework] gives mautrix a zerolog logger that ends up in the same place.
package logs
