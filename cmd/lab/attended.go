package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// attended is a command that ends with whoever started it.
func attended(obey command) command {
	return func(ctx context.Context, args []string) (int, error) {
		if err := endWithParent(); err != nil {
			return 1, err
		}
		return obey(ctx, args)
	}
}

// endWithParent makes the kernel ask us to stop when the process that started us dies: "make" killed, what it runs has nobody any
// more who waits for it. The kernel keeps the promise for as long as the thread lives that asked for it.
func endWithParent() error {
	const setParentDeathSignal = 1 // of prctl
	parent, asked := os.Getppid(), make(chan syscall.Errno)
	go func() {
		runtime.LockOSThread()
		_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setParentDeathSignal, uintptr(syscall.SIGTERM), 0)
		asked <- errno
		select {}
	}()
	if errno := <-asked; errno != 0 {
		return fmt.Errorf("ask for a signal when the parent dies: %w", errno)
	}
	if os.Getppid() != parent {
		return errors.New("who started this has ended")
	}
	return nil
}
