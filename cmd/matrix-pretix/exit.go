package main

import "errors"

// The exit statuses, as doc.go explains them.
const (
	statusOK       = 0
	statusConfig   = 1
	statusListen   = 3
	statusDatabase = 4
	statusLock     = 5
	statusRefused  = 6
	statusStart    = 7
	statusWork     = 8
	statusHung     = 9
)

// ended is an error that knows with which status it ends the program. Its text is a sentence for an admin.
type ended struct {
	status int
	err    error
}

func (e *ended) Error() string { return e.err.Error() }
func (e *ended) Unwrap() error { return e.err }

// ends gives an error a status, unless it has one already. It returns nil for nil.
func ends(status int, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*ended](err); ok {
		return err
	}
	return &ended{status: status, err: err}
}

// statusOf is what the program ends with.
func statusOf(err error) int {
	if err == nil {
		return statusOK
	}
	if e, ok := errors.AsType[*ended](err); ok {
		return e.status
	}
	return statusWork
}
