package replies

// SetUsage says what there is to set.
func SetUsage(prefix string) string {
	return "`!set [event] question <number>` says which question asks for the Matrix ID, `!set [event] server <name>` which server bare names belong to. `" + prefix +
		" help set` says more."
}

// ServerSet says which server bare names belong to from now on, or that they belong to none.
func ServerSet(server string) string {
	if server == "" {
		return "✅ A bare name is no Matrix ID from now on."
	}
	return "✅ A bare name like `ada` is read as `@ada:" + server + "` from now on."
}

// NoServerName refuses what is no server's name.
const NoServerName = "That is not the name of a Matrix server. It looks like `example.org`: what stands behind the colon of its people's IDs."

// NotReadAnew says that a setting stands and the orders are still to be read with it.
func NotReadAnew(err error) string {
	return "⚠️ That is kept, but I could not read the orders with it. " + trouble(err) + " I try again by myself with the next order."
}
