package homeserver

import (
	"sync"
	"time"
)

const (
	// rushSize invites within rushTime are a rush: a batch at work, not people who buy at the same time.
	rushSize = 10
	rushTime = 2 * time.Second
)

// pace tells when many invites are sent in a row. The homeserver then works for each of them on every sync that waits for news of the
// room, and so on one of ours that is to bring nothing but keys.
type pace struct {
	now   func() time.Time
	begun chan struct{} // has room for the word that a rush is on

	mu   sync.Mutex
	last [rushSize]time.Time // of the latest invites, a ring
	next int
}

func newPace(now func() time.Time) *pace { return &pace{now: now, begun: make(chan struct{}, 1)} }

// note says that an invite is sent.
func (p *pace) note() {
	p.mu.Lock()
	p.last[p.next] = p.now()
	p.next = (p.next + 1) % rushSize
	p.mu.Unlock()
	if p.rush() {
		select {
		case p.begun <- struct{}{}:
		default:
		}
	}
}

// rush reports whether a rush is on.
func (p *pace) rush() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest := p.last[p.next]
	return !oldest.IsZero() && p.now().Sub(oldest) < rushTime
}
