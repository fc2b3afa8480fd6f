package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the kernel's unit of time for what a process has used.
const tick = 10 * time.Millisecond

// used is how much time of processors a process has had.
func used(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read a process's time: %w", err)
	}
	return readUsed(string(text))
}

// readUsed adds up the time in the program and in the kernel, the 14th and 15th field. The second is a name that may hold anything.
func readUsed(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, errors.New("read a process's time: there is none")
	}
	program, err := strconv.ParseInt(fields[11], 10, 64)
	kernel, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err, err2); err != nil {
		return 0, fmt.Errorf("read a process's time: %w", err)
	}
	return time.Duration(program+kernel) * tick, nil
}

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
		look := time.NewTicker(50 * time.Millisecond)
		defer look.Stop()
		peak := int64(0)
		for {
			if now, err := resident(pid); err == nil {
				peak = max(peak, now)
			}
			select {
			case <-look.C:
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
