package bridge

import (
	"context"

	"matrix-pretix/database"
)

// hindrance is why an event's orders are not read at present.
type hindrance string

const (
	hindranceNone     hindrance = ""
	hindranceLogin    hindrance = "no login"
	hindranceQuestion hindrance = "no question"
	hindranceGone     hindrance = "question gone"
	hindranceScan     hindrance = "not read yet"
)

// hindrance looks for what keeps an event's orders from being read, as far as that is ours to know: that Pretix does not answer is not.
func (b *Bridge) hindrance(ctx context.Context, key database.EventKey) (hindrance, error) {
	known, err := b.store.Event(ctx, key)
	if err != nil {
		return hindranceNone, err
	}
	owners, err := b.pretix.OwnersSeeing(ctx, key)
	switch {
	case err != nil:
		return hindranceNone, err
	case len(owners) == 0:
		return hindranceLogin, nil
	case known.QuestionID == 0:
		return hindranceQuestion, nil
	case b.inviter.QuestionGone(key):
		return hindranceGone, nil
	case known.ScannedAt.IsZero():
		return hindranceScan, nil
	}
	return hindranceNone, nil
}
