package parts

import (
	"crypto/rand"
	"strings"
)

// Unique returns the prefix with a random tail, so that tests which share one Synapse and one Pretix never meet. The tail has
// lower-case letters and digits only: it is valid in a localpart, a slug and a database's name.
func Unique(prefix string) string {
	return prefix + "-" + token(8)
}

// token returns n random lower-case letters and digits.
func token(n int) string {
	return strings.ToLower(rand.Text()[:n])
}
