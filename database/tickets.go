package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	countTicketsQuery  = `SELECT problem, COUNT(*) FROM pretix_ticket WHERE event = $1 GROUP BY problem`
	countMatchingQuery = `
		SELECT COUNT(*), COUNT(CASE WHEN attendee = '' THEN 1 END) FROM pretix_opens WHERE event = $1 AND room_id = $2`
	getFingerprintQuery = `SELECT fingerprint FROM pretix_order WHERE event = $1 AND code = $2`
)

// Ticket is an order position that counts, as far as it is kept: what was bought, and the digest of whom it names or the
// problem because of which it names nobody. Exactly one of the two is set.
type Ticket struct {
	Position, Item, Variation, Subevent int64
	Attendee                            Attendee
	Problem                             string
}

// Fingerprint returns by what a change of an order's tickets is recognized, whatever their sequence; "" for none.
func Fingerprint(tickets []Ticket) string {
	if len(tickets) == 0 {
		return ""
	}
	lines := make([]string, len(tickets))
	for i, t := range tickets {
		var line []byte
		for _, number := range []int64{t.Position, t.Item, t.Variation, t.Subevent} {
			line = append(strconv.AppendInt(line, number, 10), ' ')
		}
		lines[i] = string(line) + string(t.Attendee) + " " + t.Problem
	}
	slices.Sort(lines)
	digest := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(digest[:])
}

// Fingerprint returns the [Fingerprint] of the order as it was last recorded: "" when it had no ticket that counts, or was
// never seen, which comes to the same.
func (s *Store) Fingerprint(ctx context.Context, key EventKey, code string) (string, error) {
	prints, err := list(ctx, s.db, dbutil.ScanSingleColumn[string], getFingerprintQuery, key, code)
	if err != nil {
		return "", fmt.Errorf("get the fingerprint of order %s of %s: %w", code, key, err)
	}
	return strings.Join(prints, ""), nil
}

// TicketCount is how many tickets of an event count, and how many of those name nobody, by problem.
type TicketCount struct {
	Tickets  int
	Problems map[string]int
}

// CountTickets counts the event's tickets.
func (s *Store) CountTickets(ctx context.Context, key EventKey) (TicketCount, error) {
	count := TicketCount{Problems: make(map[string]int)}
	problems, err := list(ctx, s.db, readProblemCount, countTicketsQuery, key)
	if err != nil {
		return TicketCount{}, fmt.Errorf("count tickets of %s: %w", key, err)
	}
	for _, p := range problems {
		count.Tickets += p.count
		if p.problem != "" {
			count.Problems[p.problem] = p.count
		}
	}
	return count, nil
}

// MatchingCount is how many tickets open a room, and how many of those name nobody who could be invited.
type MatchingCount struct{ Tickets, Unnamed int }

// CountMatching counts the event's tickets that open the room.
func (s *Store) CountMatching(ctx context.Context, key EventKey, room id.RoomID) (n MatchingCount, err error) {
	if err = s.db.QueryRow(ctx, countMatchingQuery, key, room).Scan(&n.Tickets, &n.Unnamed); err != nil {
		return MatchingCount{}, fmt.Errorf("count tickets of %s that open %s: %w", key, room, err)
	}
	return n, nil
}

type problemCount struct {
	problem string
	count   int
}

func readProblemCount(row dbutil.Scannable) (p problemCount, err error) {
	err = row.Scan(&p.problem, &p.count)
	return p, err
}
