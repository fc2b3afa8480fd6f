package replies

import (
	"errors"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// Failed says that nothing came of a command and whether it is worth trying again.
func Failed(err error) string {
	if fault := faultOfPretix(err); fault != "" {
		return fault
	}
	switch {
	case errors.Is(err, pretixconn.ErrNoLogin):
		return "I cannot look that up: no connected Pretix account sees this event now. Connect one with `!authorize`."
	case errors.Is(err, inviter.ErrQuestionGone):
		return "Pretix no longer has the question that asks for the Matrix ID. `!set question <number>` chooses another one."
	case errors.Is(err, api.ErrForbidden):
		return "Pretix refuses that: the connected account's team lacks a permission. It needs *view orders* for this event."
	case errors.Is(err, homeserver.ErrUnavailable):
		return "The Matrix server does not answer at the moment. Please try again in a few minutes."
	}
	return "Something went wrong on my side, and it is in the log. Please try again; if it happens again, tell whoever runs this server."
}

// faultOfPretix says what is wrong with Pretix itself and who can mend it, empty where nothing is.
func faultOfPretix(err error) string {
	switch {
	case errors.Is(err, api.ErrLimited):
		wait := "a moment"
		if failed, ok := errors.AsType[*api.Error](err); ok && failed.RetryAfter > 0 {
			wait = "about " + roughly(failed.RetryAfter)
		}
		return "Pretix asks me to wait " + wait + " before I ask again. Please try again then."
	case errors.Is(err, api.ErrRedirected):
		return "The address of Pretix that I know leads to another server, to which I give no token. Whoever runs this bridge must mend the address in its configuration."
	case errors.Is(err, api.ErrUnknownServer):
		return "I cannot find the Pretix server: its name is not known. Whoever runs this bridge must look at the address in its configuration, or at its DNS."
	case errors.Is(err, api.ErrUntrusted):
		return "I do not trust the certificate of the Pretix server, so I ask it nothing. Whoever runs that server must renew it."
	case errors.Is(err, api.ErrUnavailable):
		return "Pretix does not answer at the moment. Please try again in a few minutes."
	}
	return ""
}

// trouble says why a part of something could not be done.
func trouble(err error) string {
	switch {
	case errors.Is(err, pretixconn.ErrNoLogin), errors.Is(err, api.ErrForbidden), errors.Is(err, api.ErrUnavailable), errors.Is(err, homeserver.ErrUnavailable):
		return Failed(err)
	}
	return "Something went wrong on my side, and it is in the log."
}
