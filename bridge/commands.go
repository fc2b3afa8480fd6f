package bridge

import (
	"context"
	"slices"
	"strings"
)

// command is one row of the table that serves DMs and rooms alike.
type command struct {
	name    string
	aliases []string
	usage   string   // the arguments, as help shows them
	summary string   // one line
	detail  string   // what help about it says besides
	example []string // as a person types it, without the prefix

	// quiet commands answer in rooms that tickets open only with the prefix: other bots that live there know them too.
	quiet bool
	run   func(b *Bridge, ctx context.Context, c *call)
}

// commandTable is in the order in which help shows it: what a person does first comes first. It is a function because help, which stands in it,
// reads it.
func commandTable() []command {
	return []command{
		{
			name: "authorize", aliases: []string{"login"}, summary: "connect your Pretix account",
			detail: "I ask for an API token in a private talk. Make one in Pretix under *Organizer account → Teams → (a team) → API tokens*. The team needs " +
				"*view orders*; with *change organizer settings* I also register the webhook by myself.",
			example: []string{"authorize"}, run: (*Bridge).authorize,
		},
		{name: "logins", summary: "list the Pretix accounts that you connected", example: []string{"logins"}, run: (*Bridge).logins},
		{
			name: "logout", usage: "[number]", summary: "forget one of them",
			detail:  "Events that nobody else vouches for stop: nobody is invited until somebody connects an account that sees them.",
			example: []string{"logout 1"}, run: (*Bridge).logout,
		},
		{
			name: "setroom", usage: "<event> [room] [product] [variation]", summary: "let an event's tickets open this room",
			detail: "The event is its shop's address, `organizer/event` or the short name. Without a product every ticket opens the room; with one only " +
				"those. Names with blanks go in quotes. `!setroom <event> all` opens a narrowed room to every ticket again. Alone it shows the room's links. In private " +
				"and in a control room the room has to be named.",
			example: []string{"setroom https://pretix.eu/acme/conf/", `setroom acme/conf "Online ticket"`, "setroom conf #talk:example.org Workshop", "setroom"},
			run:     (*Bridge).setroom,
		},
		{
			name: "unsetroom", usage: "[event] [room]", summary: "untie an event from this room",
			detail: "Nobody further is invited. Who is in the room stays there.", example: []string{"unsetroom", "unsetroom conf #talk:example.org"}, run: (*Bridge).unsetroom,
		},
		{
			name: "control", usage: "<event> [room] | off [event] [room]", summary: "command an event from this room",
			detail: "A control room hears about failures and shows figures and order codes. It opens to no ticket. Its admins speak for the event. " +
				"`!control off` ends that: there, or with event and room from elsewhere. `!status` lists an event's control rooms.",
			example: []string{"control acme/conf", "control off", "control off conf #desk:example.org"}, run: (*Bridge).control,
		},
		{
			name: "set", usage: "[event] question <number> | server <name>", summary: "say which question asks for the Matrix ID, or the server of bare names",
			detail:  "`!set question 3` takes the Pretix question with that number. `!set server example.org` reads a bare `ada` as `@ada:example.org`; `!set server none` ends that.",
			example: []string{"set question 3", "set conf server example.org"}, run: (*Bridge).set,
		},
		{
			name: "batchinvite", usage: "[event] [room]", summary: "invite everybody who holds a ticket already",
			detail:  "Tickets sold before a room was linked invite nobody by themselves; this asks them all. Who is in, was asked or has left is not asked again.",
			example: []string{"batchinvite", "batchinvite conf"}, run: (*Bridge).batchinvite,
		},
		{
			name: "invite", usage: "<order code> [event]", summary: "ask the people of one order again",
			detail: "Also those who have left, declined or could not be reached. Nobody who was banned.", example: []string{"invite ABC12"}, run: (*Bridge).inviteOrder,
		},
		{name: "stop", usage: "[event] [room]", summary: "stop inviting who is still waiting", detail: "`!batchinvite` takes it up again.", example: []string{"stop"}, run: (*Bridge).stop},
		{
			name: "status", usage: "[event] [room]", summary: "how an event stands", detail: "In a control room and in private also which orders cannot be served, and why.",
			example: []string{"status", "status conf"}, run: (*Bridge).status,
		},
		{name: "help", usage: "[command]", summary: "this list, or more about one command", example: []string{"help setroom"}, quiet: true, run: (*Bridge).help},
		{name: "version", summary: "which version is running", quiet: true, run: (*Bridge).sayVersion},
	}
}

// findCommand finds a command by name or alias.
func findCommand(name string) (command, bool) {
	for _, cmd := range commandTable() {
		if cmd.name == name || slices.Contains(cmd.aliases, name) {
			return cmd, true
		}
	}
	return command{}, false
}

// nearestCommand is the command that somebody who typed name may have meant, empty if none comes close.
func nearestCommand(name string) string {
	best, bestDistance := "", 3 // three or more letters apart is another word
	for _, cmd := range commandTable() {
		for _, known := range append([]string{cmd.name}, cmd.aliases...) {
			if d := distance(name, known); d < bestDistance || (len(name) > 2 && strings.HasPrefix(known, name) && bestDistance > 1) {
				best, bestDistance = cmd.name, min(d, 1)
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
