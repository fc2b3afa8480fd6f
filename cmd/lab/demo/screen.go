package demo

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// The columns before the text: the time since the start, where, who.
const (
	placeWidth = 11
	whoWidth   = 8
	indent     = 10 + 2 + placeWidth + 2 + whoWidth + 2
)

// plainWidth is how long a line may be where there is no terminal to ask.
const plainWidth = 160

// screen shows lines in columns. It may be used by several goroutines.
type screen struct {
	mu     sync.Mutex
	out    *os.File
	began  time.Time
	width  int
	colour bool
}

func newScreen(out *os.File, began time.Time) *screen {
	width := terminalWidth(out)
	colour := width > 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width == 0 {
		width = plainWidth
	}
	return &screen{out: out, began: began, width: max(width, indent+30), colour: colour}
}

// terminalWidth is how many columns a terminal has; 0 if it is none.
func terminalWidth(f *os.File) int {
	var size struct{ rows, columns, x, y uint16 }
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0
	}
	if size.columns == 0 {
		return plainWidth
	}
	return int(size.columns)
}

// The colours, by what they are for.
const (
	faint  = "2"
	strong = "1"
	good   = "32"
	asked  = "36"
)

func (s *screen) paint(colour, text string) string {
	if !s.colour || colour == "" || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// title begins a scene.
func (s *screen) title(format string, args ...any) {
	s.note("\n" + s.paint(strong, fmt.Sprintf(format, args...)) + "\n")
}

// note writes a line as it is.
func (s *screen) note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.out, text)
}

// line shows who did or said what where, now.
func (s *screen) line(place, who, text string) { s.lineAt(time.Now(), place, who, text) }

// lineAt is line for something that happened a moment ago.
func (s *screen) lineAt(at time.Time, place, who, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	colour := map[string]string{"invited": good, "olga": asked}[who]
	for i, line := range strings.Split(text, "\n") {
		head := strings.Repeat(" ", indent)
		if i == 0 {
			when := fmt.Sprintf("%8.2f s", at.Sub(s.began).Seconds())
			head = s.paint(faint, when) + fmt.Sprintf("  %s  %s  ", padded(place, placeWidth), s.paint(colour, padded(who, whoWidth)))
		}
		fmt.Fprintln(s.out, strings.TrimRight(head+s.paint(colour, clipped(line, s.width-indent)), " "))
	}
}

// facts shows what things are, name by name; without a name it goes on about the one before.
func (s *screen) facts(all [][2]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fact := range all {
		fmt.Fprintf(s.out, "  %s  %s\n", s.paint(faint, padded(fact[0], 14)), fact[1])
	}
	fmt.Fprintln(s.out)
}
