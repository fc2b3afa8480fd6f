package bridge

import (
	"context"
	"slices"
	"strings"

	"matrix-pretix/bridge/replies"
)

// command is one of the commands that serve DMs and rooms alike: how it is called and explained, and what it does.
type command struct {
	replies.Command

	// quiet commands answer in rooms that tickets open only with the prefix: other bots that live there know them too.
	quiet bool
	run   work
}

type work func(b *Bridge, ctx context.Context, c *call)

// works is what each command does. It is a function because help, which stands in it, finds commands by it.
func works() map[string]work {
	return map[string]work{
		"authorize": (*Bridge).authorize, "logins": (*Bridge).logins, "logout": (*Bridge).logout,
		"setroom": (*Bridge).setroom, "unsetroom": (*Bridge).unsetroom, "control": (*Bridge).control, "set": (*Bridge).set,
		"batchinvite": (*Bridge).batchinvite, "invite": (*Bridge).inviteOrder, "stop": (*Bridge).stop,
		"status": (*Bridge).status, "help": (*Bridge).help, "version": (*Bridge).tellVersion,
	}
}

// findCommand finds a command by name or alias.
func findCommand(name string) (command, bool) {
	for _, row := range replies.Commands() {
		if row.Name == name || slices.Contains(row.Aliases, name) {
			return command{Command: row, quiet: row.Name == "help" || row.Name == "version", run: works()[row.Name]}, true
		}
	}
	return command{}, false
}

// nearestCommand is the command that somebody who typed name may have meant, empty if none comes close.
func nearestCommand(name string) string {
	best, bestDistance := "", 3 // three or more letters apart is another word
	for _, cmd := range replies.Commands() {
		for _, known := range append([]string{cmd.Name}, cmd.Aliases...) {
			if d := distance(name, known); d < bestDistance || (len(name) > 2 && strings.HasPrefix(known, name) && bestDistance > 1) {
				best, bestDistance = cmd.Name, min(d, 1)
			}
		}
	}
	return best
}

// distance is how many letters one must change, add or leave out to make one word of the other (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
