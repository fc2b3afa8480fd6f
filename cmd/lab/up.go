package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

// upKind tells the one lab that "up" leaves running from those of tests.
const upKind = "up"

// withPostgres tells "serve" that a Postgres is wanted too.
const withPostgres = "--postgres"

// ready begins the line by which "serve" tells "up" where the document is.
const ready = "ready "

// up leaves a lab running, unless one does already, and prints its document.
func up(ctx context.Context, args []string) (int, error) {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	postgres := flags.Bool("postgres", false, "run a Postgres too, and keep Pretix's data in it")
	if err := flags.Parse(args); err != nil {
		return 2, errors.New("up: see usage above")
	}
	if flags.NArg() > 0 {
		return 2, fmt.Errorf("up: what is %q?", flags.Arg(0))
	}
	let, err := parts.Alone(ctx, upKind)
	if err != nil {
		return 1, err
	}
	defer func() { _ = let() }()
	dir, _, err := parts.FindRunDir(upKind)
	if err != nil {
		return 1, err
	}
	if dir == "" {
		document, err := detach(ctx, *postgres)
		if err != nil {
			return 1, err
		}
		return 0, show(document)
	}
	document := filepath.Join(dir, "lab.json")
	l, err := parts.ReadDocument(document)
	if err != nil {
		return 1, fmt.Errorf("a lab is just stopping: %w", err)
	}
	if *postgres && l.Postgres == nil {
		return 1, errors.New("a lab runs without Postgres: \"lab down\" first")
	}
	say("it runs already")
	return 0, show(document)
}

func show(document string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return fmt.Errorf("read the lab's document: %w", err)
	}
	_, err = os.Stdout.Write(text)
	return err
}

// detach starts "serve" apart from this terminal and waits until it is ready. It tells of its progress by a pipe of its own, since
// its output has to outlive us.
func detach(ctx context.Context, postgres bool) (document string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	cache, err := parts.CacheDir() // said relative to here, where "serve" is not
	if err != nil {
		return "", err
	}
	progress, theirs, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("make a pipe: %w", err)
	}
	defer progress.Close()
	cmd := exec.Command(self, "serve")
	if postgres {
		cmd.Args = append(cmd.Args, withPostgres)
	}
	cmd.Dir, cmd.Env = "/", append(os.Environ(), parts.CacheEnv+"="+cache)
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = errors.Join(cmd.Start(), theirs.Close())
	if err != nil {
		return "", fmt.Errorf("start the lab: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	for lines := bufio.NewScanner(progress); lines.Scan(); {
		if path, is := strings.CutPrefix(lines.Text(), ready); is {
			return path, cmd.Process.Release()
		}
		say(lines.Text())
	}
	_ = cmd.Wait()
	return "", fmt.Errorf("start the lab: %w", errors.Join(ctx.Err(), errors.New("it ended while starting")))
}

// serve runs a lab until it is told to stop. Its children die with it.
func serve(ctx context.Context, args []string) (status int, err error) {
	const progressFD = 3
	progress := os.NewFile(progressFD, "progress")
	tell := func(line string) { fmt.Fprintln(progress, line) }
	defer func() {
		if err != nil {
			tell(err.Error())
		}
		_ = progress.Close()
	}()
	dir, err := parts.NewRunDir(upKind)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	l, err := parts.Start(ctx, parts.Options{Dir: dir.Path, Postgres: slices.Contains(args, withPostgres), Say: tell})
	if err != nil {
		return 1, err
	}
	defer l.Stop()
	document, err := l.WriteDocument()
	if err != nil {
		return 1, err
	}
	tell(ready + document)
	_ = progress.Close()
	<-ctx.Done()
	return 0, nil
}

// down stops the lab that "up" left running, if there is one, and waits until it is gone.
func down(ctx context.Context, args []string) (int, error) {
	if len(args) > 0 {
		return 2, fmt.Errorf("down: what is %q?", args[0])
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var asked []int
	for {
		dir, owner, err := parts.FindRunDir(upKind)
		if err != nil {
			return 1, err
		}
		if dir == "" && !slices.ContainsFunc(asked, alive) {
			return 0, nil
		}
		if dir != "" && !slices.Contains(asked, owner) { // once is enough
			_ = syscall.Kill(owner, syscall.SIGTERM)
			asked = append(asked, owner)
		}
		select {
		case <-ctx.Done():
			return 1, fmt.Errorf("stop the lab, process %v: %w", asked, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// alive reports whether a process runs. One that nobody has waited for yet does not.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}
