package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

// TestMain lets the test's own program be the lab, so that it can be started and killed.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_LAB") != "" {
		main()
	}
	os.Exit(m.Run())
}

// lab returns this program as the lab, with a directory of its own for what it writes.
func lab(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), "BE_THE_LAB=1")
	return cmd
}

// processesIn lists the processes whose command line or environment names a directory.
func processesIn(dir string) []string {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	var found []string
	for _, process := range processes {
		command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		environment, _ := os.ReadFile(filepath.Join(process, "environ"))
		if bytes.Contains(append(environment, command...), []byte(dir)) {
			found = append(found, strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return found
}

// eventually waits until a condition holds.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("after %s still not: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestRunExitsAsTheCommandDidAndLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	t.Setenv("TMPDIR", t.TempDir())
	const script = `sleep 1000 & test -s "$MATRIX_PRETIX_LAB" && echo "pid $!" && exit 7`
	cmd := lab(t.Context(), t, "run", "--", "sh", "-c", script)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != 7 {
		t.Errorf("got status %d, want the command's 7", got)
	}
	var left int
	if _, err := fmt.Sscanf(out.String(), "pid %d", &left); err != nil {
		t.Fatalf("got output %q: %v", out.String(), err)
	}
	if err := syscall.Kill(left, 0); err == nil {
		t.Errorf("process %d, which the command left behind, still runs", left)
	}
	if left := processesIn(os.TempDir()); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
	if dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), "*", "*")); len(dirs) > 0 {
		t.Errorf("still there: %q", dirs)
	}
}

func TestNothingOutlivesAKilledLab(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	t.Setenv("TMPDIR", t.TempDir())
	cmd := lab(t.Context(), t, "run", "sleep", "1000")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Minute, "the lab is up", func() bool {
		documents, _ := filepath.Glob(filepath.Join(os.TempDir(), "*", "run-test-*", "lab.json"))
		return len(documents) > 0
	})
	if running := processesIn(os.TempDir()); len(running) < 6 {
		t.Fatalf("got %q, want all servers", running)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	eventually(t, 15*time.Second, "all servers are gone", func() bool { return len(processesIn(os.TempDir())) == 0 })
	if dir, _, err := parts.FindRunDir("test"); err != nil || dir != "" {
		t.Errorf("got %q and error %v, want the dead lab's directory gone", dir, err)
	}
}

func TestUpStaysUntilDown(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	t.Setenv("TMPDIR", t.TempDir())
	first, err := lab(t.Context(), t, "up").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lab.json")
	if err := os.WriteFile(path, first, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := parts.ReadDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Organizer.Events["conf"].CreateOrder(t.Context(), parts.OrderSpec{}); err != nil {
		t.Error(err)
	}
	if second, err := lab(t.Context(), t, "up").Output(); err != nil || !bytes.Equal(first, second) {
		t.Errorf("got another document and error %v the second time, want the same lab", err)
	}
	if err := lab(t.Context(), t, "down").Run(); err != nil {
		t.Error(err)
	}
	if left := processesIn(os.TempDir()); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}
