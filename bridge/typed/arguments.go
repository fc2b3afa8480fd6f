package typed

import (
	"regexp"
	"strconv"
	"strings"

	"matrix-pretix/pretixconn"
)

// EventThenRoom reads the `[event] [room]` that several commands take, in either order and each left out at will.
func EventThenRoom(args []string) (event string, rest []string) {
	if len(args) == 0 {
		return "", nil
	}
	if _, isRoom := ParseRoom(args[0]); !isRoom {
		return args[0], args[1:]
	}
	if len(args) > 1 {
		if _, isRoom := ParseRoom(args[1]); !isRoom && !strings.HasPrefix(args[1], "!") {
			return args[1], append([]string{args[0]}, args[2:]...)
		}
	}
	return "", args
}

// Setting tells the event, if one is named, from the setting's name and its value.
func Setting(args []string) (event, name, value string) {
	for i, word := range args {
		word = strings.ToLower(word)
		if i > 1 || word != "question" && word != "server" {
			continue
		}
		return strings.Join(args[:i], " "), word, strings.Join(args[i+1:], " ")
	}
	return "", "", ""
}

// orderCodes is what order codes look like in Pretix: capital letters and digits, five of them by default.
var orderCodes = regexp.MustCompile(`^[A-Z0-9]{3,16}$`)

// OrderCode reads the order's code that stands first.
func OrderCode(args []string) (code string, ok bool) {
	if len(args) == 0 {
		return "", false
	}
	code = strings.ToUpper(strings.Trim(args[0], "#"))
	return code, orderCodes.MatchString(code)
}

// Token finds the token among the words after the command. A single one that may have been meant so is taken, too: it is refused with a reason.
func Token(args []string) string {
	if len(args) == 1 && pretixconn.MayBeToken(args[0]) {
		return args[0]
	}
	return pretixconn.FindToken(strings.Join(args, " "))
}

// Login finds the login meant by the words after the command.
func Login(logins []pretixconn.Login, args []string) (string, bool) {
	if len(args) == 0 && len(logins) == 1 {
		return logins[0].ID, true
	}
	if len(args) != 1 {
		return "", false
	}
	for i, login := range logins {
		if args[0] == login.ID || strings.TrimPrefix(args[0], "#") == strconv.Itoa(i+1) {
			return login.ID, true
		}
	}
	return "", false
}
