package api

import "time"

// maxTries bounds how many pages may share one time of change before the list counts as endless.
const maxTries = 1000

// orderCursor is a place in the list of orders, which Pretix sorts by their last change and then always in the same way: a time from
// which on they are read, and how many of the first ones with exactly that time have been.
//
// Where those fill more than a page, one that has been read and then changes goes to the end of the list, and all behind it move up.
// By page numbers alone as many would be passed over unread, and neither the time nor the list's count would show it. So each page
// begins with an order that has been read. If it does not, the list has shifted, and reading goes back until it meets one: what stands
// before that has been read, since nothing ever moves down.
type orderCursor struct {
	since time.Time
	read  int
	seen  map[orderName]bool // those with exactly that time that have been read
	tries int                // pages asked for from that time on
}

type orderName struct {
	event, code string
	changed     int64
}

func (o *Order) name() orderName { return orderName{o.Event, o.Code, o.LastModified.UnixMicro()} }

// page is the page to ask for.
func (at orderCursor) page() (number, size int) { return overlapping(at.read) }

// overlapping gives the page that begins among the first orders that have been read and reaches farthest. A page of another size
// begins elsewhere, which is the only way to have two of them overlap.
func overlapping(read int) (number, size int) {
	for s := pageSize; s >= pageSize/2; s-- {
		if n := max(read-1, 0)/s + 1; n*s > number*size {
			number, size = n, s
		}
	}
	return number, size
}

// first is how many orders stand before the page.
func (at orderCursor) first() int {
	number, size := at.page()
	return (number - 1) * size
}

// shifted reports whether the page does not begin with an order that has been read.
func (at orderCursor) shifted(rows []Order) bool {
	return at.first() > 0 && (len(rows) == 0 || !at.seen[rows[0].name()])
}

// back is the place to look at when the list has shifted: before the page.
func (at orderCursor) back() orderCursor {
	at.read = at.first()
	at.tries++
	return at
}

// after is the place behind the rows of a page that has not shifted, some of which may have been read before.
func (at orderCursor) after(rows []Order) orderCursor {
	if len(rows) == 0 {
		return at
	}
	last := rows[len(rows)-1].LastModified
	next := orderCursor{since: last, seen: map[orderName]bool{}}
	switch {
	case !last.After(at.since):
		next = at
		next.read, next.tries = at.first()+len(rows), at.tries+1
		if next.seen == nil {
			next.seen = map[orderName]bool{}
		}
	case rows[0].LastModified.Equal(last):
		next.read = len(rows) // the whole page shares the time, so it is also the first page from that time on
	}
	for i := range rows {
		if rows[i].LastModified.Equal(next.since) {
			next.seen[rows[i].name()] = true
		}
	}
	return next
}

func (at orderCursor) unseen(rows []Order) []Order {
	var fresh []Order
	for i := range rows {
		if !at.seen[rows[i].name()] {
			fresh = append(fresh, rows[i])
		}
	}
	return fresh
}
