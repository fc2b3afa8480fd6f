// Package turnstest holds what tests of turns see by.
package turnstest

import "sync"

// Gauge sees how many are at something at once, of one name and in all.
type Gauge struct {
	mu              sync.Mutex
	of              map[string]int
	all             int
	mostOfOne, most int
}

// Enter begins one of that name.
func (g *Gauge) Enter(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil {
		g.of = make(map[string]int)
	}
	g.of[name]++
	g.all++
	g.mostOfOne, g.most = max(g.mostOfOne, g.of[name]), max(g.most, g.all)
}

// Leave ends it.
func (g *Gauge) Leave(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of[name]--
	g.all--
}

// Most is how many there were at once at most.
func (g *Gauge) Most() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.most
}

// MostOfOne is how many of one name there were at once at most.
func (g *Gauge) MostOfOne() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.mostOfOne
}
