package bench

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// resident is how many bytes of memory a process has, as the kernel counts them.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read a process's memory: %w", err)
	}
	return readResident(string(text))
}

func readResident(status string) (int64, error) {
	_, after, _ := strings.Cut(status, "VmRSS:")
	var kilobytes int64
	if _, err := fmt.Sscanf(strings.TrimSpace(after), "%d kB", &kilobytes); err != nil {
		return 0, fmt.Errorf("read a process's memory: %w", err)
	}
	return kilobytes << 10, nil
}

// watchMemory looks at a process's memory until it is asked for the most that it saw.
func watchMemory(pid int) (most func() int64) {
	stop, seen := make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		peak := int64(0)
		for {
			if now, err := resident(pid); err == nil {
				peak = max(peak, now)
			}
			select {
			case <-tick.C:
			case <-stop:
				seen <- peak
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-seen
	}
}
