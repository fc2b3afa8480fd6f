package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// adoptOrphans makes the kernel hand us every descendant whose parent has died. A command may end and leave something behind, as
// "go test" does when it is killed; so that can be ended too.
func adoptOrphans() error {
	const setChildSubreaper = 36 // of prctl
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		return fmt.Errorf("adopt orphans: %w", errno)
	}
	return nil
}

// endOrphans kills all children that we have. It is for the end, when those that we started are gone.
func endOrphans() {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		children := childrenOf(os.Getpid())
		if len(children) == 0 {
			return
		}
		for _, pid := range children {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			_, _ = syscall.Wait4(pid, nil, 0, nil) // its own children are ours now, and come next
		}
	}
}

// childrenOf reads the process table.
func childrenOf(parent int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var children []int
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has just ended
		}
		// The second field is a name in parentheses, which may hold anything; then come state and parent.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 2 || string(fields[1]) != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil {
			children = append(children, pid)
		}
	}
	return children
}
