package inviter

import (
	"context"
	"errors"
	"fmt"

	"matrix-pretix/bridge/homeserver"
)

// errAgain says that an order could not be worked on for a reason that has passed, or has changed meanwhile: it is still due and is
// read anew as soon as it has been given back.
var errAgain = errors.New("to be looked at again")

// Fault is a fault of the bridge's own registration. It stops everything, because with it nothing can be done and every try makes it
// worse.
type Fault struct {
	Code string // of the homeserver
}

// Error says what is wrong and what to do about it.
func (f *Fault) Error() string {
	if f.Code == "M_EXCLUSIVE" || f.Code == "M_FORBIDDEN" {
		return "the homeserver does not let the bridge have its bots (" + f.Code + "): the namespaces of the registration that it has " +
			"loaded do not fit the config; generate the registration anew, load it into the homeserver and restart both"
	}
	return fmt.Sprintf("the homeserver no longer accepts the bridge (%s): the as_token of the config is not that of the registration "+
		"that it has loaded; make them the same and restart both", f.Code)
}

// faultOf tells whether an answer of our own homeserver means our own fault. It must not be asked about an answer that a remote server
// may have given, else any server could stop the bridge.
func faultOf(err error) *Fault {
	failed, ok := errors.AsType[*homeserver.Error](err)
	if !ok {
		return nil
	}
	if errors.Is(err, homeserver.ErrDisowned) {
		return &Fault{Code: failed.Code}
	}
	switch failed.Code {
	case "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_EXCLUSIVE":
		return &Fault{Code: failed.Code}
	default:
		return nil
	}
}

// outage finds out whether a call without an answer means that our own homeserver is away. If so, everybody waits until it is back,
// and the order is read anew: [errAgain]. If it is there, the call's failure stands for itself: nil.
func (in *Inviter) outage(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if in.answers(ctx) {
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := in.gate.CloseUntil(ctx, in.answers, func(closed bool) {
		if closed {
			in.log.Warn("homeserver does not answer, waiting for it")
		} else {
			in.log.Info("homeserver answers again")
		}
	})
	if err != nil {
		return err
	}
	return errAgain
}

// answers asks our homeserver something that it can say without anybody else.
func (in *Inviter) answers(ctx context.Context) bool {
	_, err := in.hs.Exists(ctx, in.hs.Bot())
	return err == nil || !errors.Is(err, homeserver.ErrUnavailable)
}
