package inviter

import (
	"context"
	"fmt"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// anew is the question after it was deleted and made anew in Pretix.
func anew(items ...int64) []api.Question {
	return []api.Question{{ID: question + 1, Identifier: "matrix", Type: api.QuestionLine, Items: items}}
}

// boughtAnew is an order whose buyer was asked the new question.
func boughtAnew(code string, at time.Time, typed string) api.Order {
	order := bought(code, at, typed)
	for i := range order.Positions {
		for n := range order.Positions[i].Answers {
			order.Positions[i].Answers[n].Question = question + 1
		}
	}
	return order
}

func (p *pretixFake) ask(questions ...api.Question) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asks = questions
}

// wantPutOff wants so many orders to be looked at later, if not now.
func (b *bench) wantPutOff(orders int) {
	b.t.Helper()
	due, err := b.store.CountDue(b.t.Context(), conf)
	if err != nil || due.Live+due.Batch+due.Later != orders {
		b.t.Errorf("%+v orders are due, %v, want %d, now or later", due, err, orders)
	}
}

func TestQuestionMadeAnewLosesNobody(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.pretix.put(boughtAnew("BBBBB", time.Now(), "@bob:example.org"))
		b.pretix.ask(anew(ticket)...)
		b.due(false, "BBBBB")
		b.sleep(time.Minute)
		b.wantInvited(hall, "@ada:example.org", "@bob:example.org")
		event, err := b.store.Event(t.Context(), conf)
		if err != nil || event.QuestionID != question+1 || event.QuestionIdentifier != "matrix" || event.ScannedAt.IsZero() {
			t.Errorf("got %+v, %v, want the new question and all orders read with it", event, err)
		}
		if got := b.logs.FilterMessage("orders read as a whole").Len(); got != 1 {
			t.Errorf("the orders were read as a whole %d times, want once", got)
		}
		if len(b.unasked) > 0 {
			t.Errorf("told that the question of %v is gone", b.unasked)
		}
		b.pretix.put(boughtAnew("CCCCC", time.Now(), ""))
		b.due(false, "CCCCC")
		b.idle(time.Minute)
		if count, err := b.store.CountTickets(t.Context(), conf); err != nil || len(count.Problems) != 1 {
			t.Errorf("got %+v, %v, want one ticket whose item is asked the new question, and not answered", count, err)
		}
	})
}

// What an order says means nothing then, least of all that its tickets name nobody any more.
func TestOrdersWaitWhileTheQuestionIsGone(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, "AAAAA", true))
		b.must(err)
		b.start()
		b.pretix.ask()
		b.pretix.put(bought("AAAAA", time.Now(), ""), bought("BBBBB", time.Now(), ""))
		b.due(false, "AAAAA")
		b.sleep(2 * time.Minute)
		b.due(false, "BBBBB") // its turn comes only after the orders have been read anew
		b.sleep(time.Hour)
		b.wantState(hall, "@ada:example.org", database.InviteHeld, "")
		if len(b.unasked) != 1 || !b.in.QuestionGone(conf) {
			t.Errorf("told %d times that the question is gone, want once", len(b.unasked))
		}
		b.wantPutOff(2)
		b.pretix.put(boughtAnew("BBBBB", time.Now(), "@bob:example.org"))
		b.must(b.store.AdvanceSweep(t.Context(), conf, time.Now().Add(time.Second))) // sweeps have gone on
		b.pretix.ask(anew(ticket)...)
		b.sleep(unseenWait + time.Minute)
		b.wantInvited(hall, "@bob:example.org")
		b.pretix.ask()
		b.due(false, "BBBBB")
		b.sleep(time.Minute)
		if len(b.unasked) != 2 {
			t.Errorf("told %d times, want once more when it is gone again", len(b.unasked))
		}
	})
}

func TestScanOfAnEventWhoseQuestionIsGoneForgetsNothing(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now().Add(-time.Hour), "@ada:example.org"))
		_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, "AAAAA", true))
		b.must(err)
		b.unscanned()
		b.pretix.ask()
		b.start()
		b.sleep(time.Hour)
		b.wantState(hall, "@ada:example.org", database.InviteHeld, "")
		if len(b.unasked) != 1 {
			t.Errorf("told %d times, want once", len(b.unasked))
		}
		b.pretix.put(boughtAnew("AAAAA", time.Now().Add(-2*time.Hour), "@ada:example.org"))
		b.pretix.ask(anew(ticket)...)
		b.sleep(rechecksRest + time.Minute)
		b.wantState(hall, "@ada:example.org", database.InviteHeld, "")
		if event, err := b.store.Event(t.Context(), conf); err != nil || event.QuestionID != question+1 || event.ScannedAt.IsZero() {
			t.Errorf("got %+v, %v, want the orders read with the new question", event, err)
		}
	})
}

// Whatever is not found besides the order itself says nothing about it.
func TestOrderIsForgottenOnlyWhenItselfIsNotFound(t *testing.T) {
	for _, op := range []string{"order", "page", "questions"} {
		t.Run(op, func(t *testing.T) {
			withBench(t, func(t *testing.T, b *bench) {
				b.link(hall)
				var codes []string
				for n := range pagesFrom + 1 {
					codes = append(codes, fmt.Sprintf("C%04d", n))
					b.pretix.put(bought(codes[n], time.Now(), fmt.Sprintf("@p%d:example.org", n)))
					_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, codes[n], true))
					b.must(err)
				}
				b.pretix.step = func(_ context.Context, called string) error {
					if called == op {
						return fmt.Errorf("%s: %w", op, api.ErrNotFound)
					}
					return nil
				}
				if op != "page" {
					codes = codes[:3]
				}
				b.due(op == "page", codes...)
				b.start()
				b.sleep(10 * time.Minute)
				for _, code := range codes {
					if invites, err := b.store.OrderInvites(t.Context(), conf, code); err != nil || len(invites) != 1 {
						t.Fatalf("%s has the invites %v, %v, want the one that it had", code, invites, err)
					}
				}
				if op != "page" { // what the pages do not show is read one by one in the end
					b.wantPutOff(len(codes))
				}
			})
		})
	}
}
