package preflight

import (
	"fmt"
	"net/http"
)

// Step is one thing that is found out.
type Step int

const (
	Token Step = iota // whose token is this
	Bot               // register the bridge bot
	Act               // act as the bridge bot
	Ghost             // register a name in the event bots' namespace
	Ping              // be pinged by the homeserver
)

func (s Step) String() string {
	return [...]string{"token", "bot", "act", "ghost", "ping"}[s]
}

// Facts are what is known on our side.
type Facts struct {
	Homeserver string // homeserver.address
	Domain     string // homeserver.domain
	Address    string // appservice.address
	ID         string // appservice.id
	Bot        string // user ID
	Ghost      string // user ID of the name that is tried for the event bots
	File       File
	Reserved   Reserved
}

// File is what the registration's file says, compared with the config.
type File struct {
	Path string // "" if it could not be read
	// Same tells whether its as_token is the config's, URL is where it tells the homeserver to go.
	Same bool
	URL  string
}

// Reserved is whether the homeserver keeps the bridge bot's name for some application service.
type Reserved int

const (
	Unknown Reserved = iota
	Kept
	Free
)

// Verdict is what an answer means.
type Verdict struct {
	OK bool
	// Again says that it may be different in a moment; Patient, that waiting has no end: the homeserver is away, and comes back.
	Again, Patient bool
	// Text is a sentence with the remedy; with OK, something worth knowing.
	Text string
}

var fine = Verdict{OK: true}

func refuse(format string, args ...any) Verdict { return Verdict{Text: fmt.Sprintf(format, args...)} }

func wait(format string, args ...any) Verdict {
	return Verdict{Again: true, Patient: true, Text: fmt.Sprintf(format, args...)}
}

func waitBriefly(format string, args ...any) Verdict {
	return Verdict{Again: true, Text: fmt.Sprintf(format, args...)}
}

// Judge says what an answer means at a step.
func Judge(step Step, a Answer, f Facts) Verdict {
	if step == Ping {
		if v, ok := judgePing(a, f); ok {
			return v
		}
	}
	switch {
	case a.Kind == Unreachable:
		return wait("the homeserver cannot be reached at %s: is it running, and is homeserver.address right?", f.Homeserver)
	case a.Kind == TimedOut:
		return wait("the homeserver at %s does not answer in time: is it overloaded, or does a firewall swallow the requests?", f.Homeserver)
	case a.Kind == Untrusted:
		return wait("the certificate of %s is not trusted: use the name that it was made for in homeserver.address, or http:// inside one machine or network", f.Homeserver)
	case a.Kind == NotMatrix && a.Status >= 500:
		return wait("a proxy answers at %s, but the homeserver behind it does not (status %d)", f.Homeserver, a.Status)
	case a.Kind == NotMatrix:
		return wait("what answers at %s is not a homeserver (status %d): correct homeserver.address", f.Homeserver, a.Status)
	case a.Status >= 500 || a.Status == http.StatusTooManyRequests:
		return wait("the homeserver at %s is not able to answer (status %d)", f.Homeserver, a.Status)
	case a.Errcode == "M_UNKNOWN_TOKEN" || a.Errcode == "M_MISSING_TOKEN":
		return judgeToken(f)
	}
	switch step {
	case Token, Act:
		return judgeWhoami(step, a, f)
	case Bot, Ghost:
		return judgeRegister(step, a, f)
	default:
		return unforeseen(step, a)
	}
}

func unforeseen(step Step, a Answer) Verdict {
	return refuse("the homeserver answers with status %d %s when asked about the %s: its own log says more", a.Status, a.Errcode, step)
}

const restart = "name the file under app_service_config_files (Synapse) and restart the homeserver"

// judgeToken tells why a homeserver does not know the token. It says the same to a wrong token and to one that it has not
// heard of, so what else is known must decide.
func judgeToken(f Facts) Verdict {
	const unknown = "the homeserver does not know appservice.as_token: "
	switch {
	case f.File.Path != "" && !f.File.Same:
		return refuse(unknown+"the config and %s have different ones; move that file away, write it anew with -g, give it to the homeserver and restart that", f.File.Path)
	case f.Reserved == Kept:
		return refuse(unknown + "it has loaded a registration with the bot's name, but with another as_token; give it the present registration and restart it")
	case f.Reserved == Free:
		return refuse(unknown + "it has not loaded the registration; " + restart)
	case f.File.Path != "":
		return refuse(unknown+"it has not loaded %s, or an older state of it; "+restart, f.File.Path)
	default:
		return refuse(unknown + "either it has not loaded the registration (" + restart + "), or the registration has another as_token than the config (write it anew with -g)")
	}
}

const anew = "correct it, move the registration away, write it anew with -g, give it to the homeserver and restart that"

func judgeWhoami(step Step, a Answer, f Facts) Verdict {
	switch {
	case step == Act && a.Status == http.StatusOK && string(a.User) == f.Bot:
		return fine
	case step == Act && (a.Errcode == "M_FORBIDDEN" || a.Errcode == "M_EXCLUSIVE"):
		return noNamespace(f.Bot, "appservice.bot.username", f)
	case step == Token && a.Status == http.StatusOK && a.User.Homeserver() != f.Domain:
		return refuse("the homeserver calls itself %s, but homeserver.domain is %s: "+anew, a.User.Homeserver(), f.Domain)
	case step == Token && a.Status == http.StatusOK && string(a.User) == f.Bot:
		return refuse("the registration has the bridge bot as its sender_localpart, and so the bot could not read encrypted messages: move the registration away, write it anew with -g, give it to the homeserver and restart that")
	case step == Token && a.Status == http.StatusOK:
		return fine
	default:
		return unforeseen(step, a)
	}
}

func judgeRegister(step Step, a Answer, f Facts) Verdict {
	name, key := f.Bot, "appservice.bot.username"
	if step == Ghost {
		name, key = f.Ghost, "appservice.username_template"
	}
	switch {
	case a.Status == http.StatusOK || a.Errcode == "M_USER_IN_USE":
		return fine
	case a.Errcode == "M_EXCLUSIVE" || a.Errcode == "M_FORBIDDEN":
		return noNamespace(name, key, f)
	case a.Errcode == "M_INVALID_USERNAME":
		return refuse("the homeserver takes %s for no valid name: "+anew, name)
	default:
		return unforeseen(step, a)
	}
}

func noNamespace(name, key string, f Facts) Verdict {
	return refuse("the homeserver does not let us be %s: that name is not in the namespaces of the registration that it has loaded, or another application service holds it. "+
		"If %s or homeserver.domain (%s) was changed or is wrong, "+anew, name, key, f.Domain)
}
