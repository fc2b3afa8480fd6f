package bridge

import (
	"context"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// hindrance looks for what keeps an event's orders from being read, as far as that is ours to know: that Pretix does not answer is not.
func (b *Bridge) hindrance(ctx context.Context, key database.EventKey) (replies.Hindrance, error) {
	known, err := b.store.Event(ctx, key)
	if err != nil {
		return replies.HindranceNone, err
	}
	owners, err := b.pretix.OwnersSeeing(ctx, key)
	switch {
	case err != nil:
		return replies.HindranceNone, err
	case len(owners) == 0:
		return replies.HindranceLogin, nil
	case known.QuestionID == 0:
		return replies.HindranceQuestion, nil
	case b.inviter.QuestionGone(key):
		return replies.HindranceGone, nil
	case known.ScannedAt.IsZero():
		return replies.HindranceScan, nil
	}
	return replies.HindranceNone, nil
}
