package replies

// Command is a command as help explains it.
type Command struct {
	Name     string
	Aliases  []string
	Usage    string   // the arguments
	Summary  string   // one line
	Detail   string   // what help about it says besides
	Examples []string // as a person types it, without the prefix
}

// Commands are in the order in which help shows them: what a person does first comes first.
func Commands() []Command {
	return []Command{
		{
			Name: "authorize", Aliases: []string{"login"}, Summary: "connect your Pretix account",
			Detail: "I ask for an API token in a private talk. Make one in Pretix under *Organizer account → Teams → (a team) → API tokens*. The team needs " +
				"*view orders*; with *change organizer settings* I also register the webhook by myself.",
			Examples: []string{"authorize"},
		},
		{Name: "logins", Summary: "list the Pretix accounts that you connected", Examples: []string{"logins"}},
		{
			Name: "logout", Usage: "[number]", Summary: "forget one of them",
			Detail:   "Events that nobody else vouches for stop: nobody is invited until somebody connects an account that sees them.",
			Examples: []string{"logout 1"},
		},
		{
			Name: "setroom", Usage: "<event> [room] [product] [variation]", Summary: "let an event's tickets open this room",
			Detail: "The event comes first: it is its shop's address, `organizer/event` or the short name. Without a product every ticket opens the room; with one only " +
				"those. Names with blanks go in quotes. `!setroom <event> all` opens a narrowed room to every ticket again. Alone it shows the room's links. In private " +
				"and in a control room the room has to be named.",
			Examples: []string{"setroom https://pretix.eu/acme/conf/", `setroom acme/conf "Online ticket"`, "setroom conf #talk:example.org Workshop", "setroom"},
		},
		{
			Name: "unsetroom", Usage: "[event] [room]", Summary: "untie an event from this room",
			Detail: "Nobody further is invited. Who is in the room stays there.", Examples: []string{"unsetroom", "unsetroom conf #talk:example.org"},
		},
		{
			Name: "control", Usage: "<event> [room] | off [event] [room]", Summary: "command an event from this room",
			Detail: "A control room hears about failures and shows figures and order codes. It opens to no ticket. Its admins speak for the event. " +
				"Alone it says which events are commanded from this room. `!control off` ends that: there, or with event and room from elsewhere. " +
				"`!status` lists an event's control rooms.",
			Examples: []string{"control acme/conf", "control off", "control off conf #desk:example.org"},
		},
		{
			Name: "set", Usage: "[event] question <number> | server <name>", Summary: "say which question asks for the Matrix ID, or the server of bare names",
			Detail: "`!set question 3` takes the Pretix question with that number; its identifier or a whole word that only it has do as well. " +
				"`!set server example.org` reads a bare `ada` as `@ada:example.org`; `!set server none` ends that.",
			Examples: []string{"set question 3", "set conf server example.org"},
		},
		{
			Name: "batchinvite", Usage: "[event] [room]", Summary: "invite everybody who holds a ticket already",
			Detail:   "Tickets sold before a room was linked invite nobody by themselves; this asks them all. Who is in, was asked or has left is not asked again.",
			Examples: []string{"batchinvite", "batchinvite conf"},
		},
		{
			Name: "invite", Usage: "<order code> [event]", Summary: "ask the people of one order again",
			Detail:   "Also those who have left, declined or could not be reached. Nobody who was banned. Where nobody can be invited it says why, and what to do.",
			Examples: []string{"invite ABC12"},
		},
		{Name: "stop", Usage: "[event] [room]", Summary: "stop inviting who is still waiting", Detail: "`!batchinvite` takes it up again.", Examples: []string{"stop"}},
		{
			Name: "status", Usage: "[event] [room]", Summary: "how an event stands", Detail: "In a control room and in private also which orders cannot be served, and why.",
			Examples: []string{"status", "status conf"},
		},
		{Name: "help", Usage: "[command]", Summary: "this list, or more about one command", Examples: []string{"help setroom"}},
		{Name: "version", Summary: "which version is running"},
	}
}
