package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logFile is a log from where it ended when it was opened.
type logFile struct {
	path string
	from int64
}

func openLog(path string) (*logFile, error) {
	is, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open a log: %w", err)
	}
	return &logFile{path, is.Size()}, nil
}

// lines returns what has been written since it was opened. The last line may not be whole yet.
func (l *logFile) lines() ([]string, error) {
	f, err := os.Open(l.path)
	if err != nil {
		return nil, fmt.Errorf("read a log: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, l.from, 1<<40))
	if err != nil {
		return nil, fmt.Errorf("read a log: %w", err)
	}
	return strings.Split(string(text[:bytes.LastIndexByte(text, '\n')+1]), "\n"), nil
}

// request is one that the homeserver answered to one of the bridge's bots, by its own account.
type request struct {
	method, path string
	began, ended time.Time
}

// requestLine is how Synapse's log tells of one.
var requestLine = regexp.MustCompile(
	`^(\S+ \S+) INFO synapse\.access\S* \S+ \S+ - \S+ - \{@pretix[^}]*\} Processed request: ([0-9.]+)sec/.* "([A-Z]+) (\S+) HTTP`)

// readRequest reads a line of Synapse's log; false if it is about something else.
func readRequest(line string, zone *time.Location) (request, bool) {
	match := requestLine.FindStringSubmatch(line)
	if match == nil {
		return request{}, false
	}
	ended, err := time.ParseInLocation("2006-01-02 15:04:05,000", match[1], zone)
	if err != nil {
		return request{}, false
	}
	took, err := strconv.ParseFloat(match[2], 64)
	if err != nil {
		return request{}, false
	}
	path, _, _ := strings.Cut(match[4], "?")
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	return request{match[3], path, ended.Add(-time.Duration(took * float64(time.Second))), ended}, true
}

// requests are those of the bots since the log was opened.
func (l *logFile) requests() ([]request, error) {
	lines, err := l.lines()
	var all []request
	for _, line := range lines {
		if r, ok := readRequest(line, time.Local); ok {
			all = append(all, r)
		}
	}
	return all, err
}

// invitesInto are the invite requests for a room.
func invitesInto(all []request, room string) []request {
	var invites []request
	for _, r := range all {
		if r.method == "POST" && strings.HasSuffix(r.path, "/rooms/"+room+"/invite") {
			invites = append(invites, r)
		}
	}
	return invites
}

// kind is requests that differ only in whom or what they are about.
type kind struct {
	name string
	n    int
	took time.Duration
}

var clientAPI = regexp.MustCompile(`^/_matrix/client/(v3|r0|v1|unstable)`)

// about is what a path is about: a room, a user, an event or a transaction.
var about = regexp.MustCompile(`/([!@$][^/]*|[A-Z0-9]{20,})`)

// kindsOf sorts requests by kind, the most costly first.
func kindsOf(all []request) []kind {
	byName := map[string]kind{}
	for _, r := range all {
		name := r.method + " " + about.ReplaceAllString(clientAPI.ReplaceAllString(r.path, ""), "/…")
		k := byName[name]
		byName[name] = kind{name, k.n + 1, k.took + r.ended.Sub(r.began)}
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b kind) int { return cmp.Compare(b.took, a.took) })
}

// timeOf adds up how long requests took.
func timeOf(all []request) time.Duration {
	var sum time.Duration
	for _, r := range all {
		sum += r.ended.Sub(r.began)
	}
	return sum
}

// handled is an order that the bridge has done with, by its own account.
type handled struct {
	event, code string
	invited     int
	at          time.Time
	took        time.Duration // since it was read from Pretix
}

// readHandled reads a line of the bridge's log; false if it is about something else.
func readHandled(line string) (handled, bool) {
	var entry struct {
		Msg     string    `json:"msg"`
		TS      time.Time `json:"ts"`
		Event   string    `json:"event"`
		Order   string    `json:"order"`
		Invited int       `json:"invited"`
		MS      int64     `json:"ms"`
	}
	if json.Unmarshal([]byte(line), &entry) != nil || entry.Msg != "order handled" {
		return handled{}, false
	}
	return handled{entry.Event, entry.Order, entry.Invited, entry.TS, time.Duration(entry.MS) * time.Millisecond}, true
}

// awaitOrders waits until so many orders of an event are done with since the log was opened, and returns them.
func (l *logFile) awaitOrders(ctx context.Context, event string, n int) ([]handled, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute+time.Duration(n)*time.Second)
	defer cancel()
	for {
		lines, err := l.lines()
		if err != nil {
			return nil, err
		}
		var orders []handled
		for _, line := range lines {
			if h, ok := readHandled(line); ok && h.event == event {
				orders = append(orders, h)
			}
		}
		if len(orders) >= n {
			return orders, nil
		}
		if err := rest(ctx, 50*time.Millisecond); err != nil {
			return nil, fmt.Errorf("wait until %d orders are handled, %d are: %w", n, len(orders), err)
		}
	}
}
