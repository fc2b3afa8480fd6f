package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// program is a child to be started.
type program struct {
	name string
	args []string
	env  []string // nil is this process's own
	// dir is where it works and, if it is a lab's, by what a later lab finds it.
	dir  string
	log  string
	attr syscall.SysProcAttr
	// lastWill is the signal that the kernel sends the child when this process dies, whatever killed it.
	lastWill syscall.Signal
}

// process is a running child.
type process struct {
	name string
	log  string
	pid  int
	done chan struct{}
	err  error
}

// start runs the program in a process group of its own. The kernel's promise to signal the child is bound to the thread that
// made it, not to the process, so the thread is locked and kept until the child has ended.
func (p program) start() (*process, error) {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", p.name, err)
	}
	defer out.Close()
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, p.env, out, out
	if p.env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = Marked(cmd.Env, p.dir)
	attr := p.attr
	attr.Setpgid, attr.Pdeathsig = true, p.lastWill
	cmd.SysProcAttr = &attr

	started := make(chan error)
	c := &process{name: p.name, log: p.log, done: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the child
		err := cmd.Start()
		if err == nil {
			c.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	return c, nil
}

// run starts a program that ends by itself, and waits for that. The end of its log is shown when it goes wrong.
func (p program) run(ctx context.Context) error {
	c, err := p.start()
	if err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		c.stop(syscall.SIGKILL, 0)
		return fmt.Errorf("%s: %w", p.name, ctx.Err())
	}
	if c.err != nil {
		return fmt.Errorf("%s: %w%s", strings.Join(p.args[:min(len(p.args), 4)], " "), c.err, lastLines(p.log, 20))
	}
	return nil
}

// ready asks until the child answers, dies, or its time is over. When it is not to be, the error ends with the last lines of
// the child's log.
func (c *process) ready(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("%s ended: %w%s", c.name, errors.Join(c.err, err), lastLines(c.log, 20))
		case <-ctx.Done():
			return fmt.Errorf("%s did not answer in %s: %w%s", c.name, limit, err, lastLines(c.log, 20))
		case <-tick.C:
		}
	}
}

// stop signals the child and, if it is still there after the grace, kills its whole group.
func (c *process) stop(sig syscall.Signal, grace time.Duration) {
	if c == nil {
		return
	}
	_ = syscall.Kill(c.pid, sig)
	select {
	case <-c.done:
	case <-time.After(grace):
	}
	_ = syscall.Kill(-c.pid, syscall.SIGKILL)
	<-c.done
}

// run executes a command that ends by itself and has no lab's directory to work in: the environment says whose it is.
func run(ctx context.Context, log string, env []string, args ...string) error {
	return program{name: filepath.Base(args[0]), log: log, env: env, args: args, lastWill: syscall.SIGKILL}.run(ctx)
}

// lastLines returns the end of a log, set off from the sentence before it.
func lastLines(path string, n int) string {
	text, err := os.ReadFile(path)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return " (its log " + path + " is empty)"
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = lines[max(0, len(lines)-n):]
	return "\n  last lines of " + path + ":\n    " + strings.Join(lines, "\n    ")
}
