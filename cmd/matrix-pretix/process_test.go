package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// asCommand makes a test's binary behave as the program, so that tests can send it signals and kill it.
const asCommand = "MATRIX_PRETIX_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(command(os.Args[1:], os.Stdout, os.Stderr, os.Environ))
	}
	os.Exit(m.Run())
}

// running is the program as a process of its own.
type running struct {
	*exec.Cmd
	log    *output
	exited chan struct{}
	status int
}

// output is what a process has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) { o.mu.Lock(); defer o.mu.Unlock(); return o.b.Write(p) }
func (o *output) String() string              { o.mu.Lock(); defer o.mu.Unlock(); return o.b.String() }

// launch starts the program with a config, which it writes to a file.
func launch(t *testing.T, c *config.Config) *running {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &running{Cmd: exec.Command(self, "-c", path), log: &output{}, exited: make(chan struct{})}
	p.Env = append(os.Environ(), asCommand+"=1")
	p.Stdout, p.Stderr = p.log, p.log
	// It dies with the test, however that dies: the kernel binds this to the thread that started it, which is kept until its end.
	p.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.Start()
		started <- err
		if err == nil {
			_ = p.Wait()
			p.status = p.ProcessState.ExitCode()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.exited
		if t.Failed() {
			t.Log(p.log)
		}
	})
	return p
}

// await waits until something is true, looking often.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("still not after %s: %s", patience, what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// exits waits for a process to end and returns its status.
func (p *running) exits(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.status
	case <-time.After(within):
		t.Fatalf("it has not ended within %s", within)
		return -1
	}
}

func address(c *config.Config) string {
	return fmt.Sprintf("http://127.0.0.1:%d", c.AppService.Port)
}
