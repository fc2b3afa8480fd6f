package homeserver

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"
)

// ErrNameTooLong says that no bot's user ID would fit: the server's name or the bots' prefix is too long.
var ErrNameTooLong = errors.New("no room for the names of event bots")

// GhostID is the name for ever of an event's bot: instance, organizer and event joined by underscores, which none of them
// holds. username makes a localpart of what is escaped, as the config's username_template says. Where the whole user ID would
// be longer than Matrix allows, the end is replaced by two underscores, which the name of another event cannot hold, and a
// hash of all of it; beside a server's name of the greatest length there is room for the hash alone.
func GhostID(instance, organizer, event string, username func(string) string, domain string) (networkid.UserID, error) {
	whole := strings.Join([]string{instance, organizer, event}, "_")
	fits := func(ghost string) bool {
		user := id.NewUserID(username(id.EncodeUserLocalpart(ghost)), domain)
		return len(user) <= id.UserIDMaxLength
	}
	if fits(whole) {
		return networkid.UserID(whole), nil
	}
	hash := shortHash(whole)
	for cut := len(whole) - 1; cut > 0; cut-- {
		if ghost := whole[:cut] + "__" + hash; fits(ghost) {
			return networkid.UserID(ghost), nil
		}
	}
	if fits(hash) {
		return networkid.UserID(hash), nil
	}
	return "", ErrNameTooLong
}

// shortHash is 65 bits of a hash in thirteen characters that need no escaping: hitting upon another event's by chance is out of
// reach, and by intent one can only collide with oneself, since organizers cannot choose each other's names.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:13]
}
