package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

// runCommand brings everything up on fresh data, runs a command with the lab's document in its environment, brings everything
// down whatever happens, and exits as the command did.
func runCommand(ctx context.Context, args []string) (status int, err error) {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	slots := flags.Int("slots", parts.DefaultSlots, "how many registrations to prepare; each makes Synapse a little slower")
	if err := flags.Parse(args); err != nil {
		return 2, errors.New("run: see usage above")
	}
	if args = flags.Args(); len(args) == 0 {
		return 2, errors.New("run: which command?")
	}
	dir, err := parts.NewRunDir("test")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	if err := adoptOrphans(); err != nil {
		return 1, err
	}
	defer endOrphans()
	began := time.Now()
	options := parts.Options{Dir: dir.Path, Postgres: true, Synapse: parts.SynapseOptions{Slots: *slots}, Say: say}
	l, err := parts.Start(ctx, options)
	if err != nil {
		return 1, err
	}
	defer l.Stop()
	document, err := l.WriteDocument()
	if err != nil {
		return 1, err
	}
	say(fmt.Sprintf("the lab is up after %.1f s", time.Since(began).Seconds()))
	return obey(ctx, dir.Path, document, args)
}

// obey runs the command. When the lab is told to stop, it tells the command the same and waits for it, since there may be something
// to tidy up.
func obey(ctx context.Context, dir, document string, args []string) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(parts.Marked(os.Environ(), dir), parts.Env+"="+document)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the kernel's signal at our death is bound to the thread that started the command
		started <- cmd.Start()
		ended <- cmd.Wait()
	}()
	if err := <-started; err != nil {
		return 127, fmt.Errorf("run %s: %w", args[0], err)
	}
	select {
	case err := <-ended:
		return exitStatus(err)
	case <-ctx.Done():
	}
	// From now on a second Ctrl-C kills the command.
	again, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		return exitStatus(err)
	case <-again.Done():
	case <-time.After(20 * time.Second):
	}
	_ = cmd.Process.Kill()
	return exitStatus(<-ended)
}

// exitStatus is what a shell would make of how a command ended.
func exitStatus(err error) (int, error) {
	if err == nil {
		return 0, nil
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return 1, fmt.Errorf("run the command: %w", err)
	}
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return 128 + int(wait.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// say writes a line of progress where it does not disturb the output.
func say(line string) {
	fmt.Fprintln(os.Stderr, "lab:", line)
}
