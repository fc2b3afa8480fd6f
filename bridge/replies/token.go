package replies

// TokenWaits goes before the question which server a token is for.
const TokenWaits = "I have your token and use it as soon as I know its server.\n\n"

// DeleteYourself goes before an answer to a message with a token that could not be deleted.
const DeleteYourself = "⚠️ I may not delete your message with the token here. Please delete it yourself.\n\n"

// StrayToken answers a token that came in private without being asked for, and not alone or late.
func StrayToken(removed bool) string {
	text := "That looks like an API token of Pretix. I have not used it."
	if removed {
		text = "That looks like an API token of Pretix. I have deleted your message and not used it."
	}
	return "🔑 " + text + " To connect your account say `!authorize`, and send the token when I ask for it."
}

// TokenBurnt is for a token that others could read.
func TokenBurnt(removed bool) string {
	return "🔥 " + tokenRemoved(removed) + ", but others in this room may have read it: it is burnt. I have not used it. Please delete it in Pretix, make a new one, and send me that " +
		"in our private talk only, after `!authorize`."
}

// TokenPerhapsBurnt is for a token of which it could not be seen who read it.
func TokenPerhapsBurnt(removed bool) string {
	return "⚠️ " + tokenRemoved(removed) + ". I have not used it, because I could not see just now whether others are in this room. If it is our private talk, " +
		"please say `!authorize` once more in a moment."
}

func tokenRemoved(removed bool) string {
	if removed {
		return "I have deleted your message with the token"
	}
	return "Please delete your message with the token"
}
