package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programDir is where the tests' program is built. TestMain makes and removes it.
var programDir string

// build builds the program as "make build" does, once for all tests, and returns its path.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programDir, "matrix-pretix")
	cmd := exec.Command("make", "--silent", "-C", "../..", "build", "PROGRAM="+path)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "MAKE") })
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return path, nil
})

// program returns the path of the program.
func program(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	path, err := build()
	if err != nil {
		t.Fatalf("build the program: %v", err)
	}
	return path
}

func TestProgramIsOneSmallStaticBinary(t *testing.T) {
	path := program(t)
	const most = 30_000_000
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if about.Size() > most {
		t.Errorf("got %d bytes, want at most %d", about.Size(), most)
	}
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("got libraries %q and error %v, want none", libraries, err)
	}
	if slices.ContainsFunc(binary.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		t.Error("it asks for a dynamic linker")
	}
}

// shown is what a demo has written so far.
type shown struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}
func (s *shown) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.text.String() }

// throughAProxy is what a machine says that reaches the world by one. Whatever asks this one for the parts gets no answer.
var throughAProxy = []string{"http_proxy=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9", "no_proxy=", "NO_PROXY="}

// demonstrate starts a demo of a program. Its answers go to out and complaints.
func demonstrate(t *testing.T, program, once string) (cmd *exec.Cmd, dir string, out, complaints *shown) {
	t.Helper()
	dir, out, complaints = labs(t), &shown{}, &shown{}
	cmd = lab(t, dir, "demo", program)
	cmd.Env = append(append(cmd.Env, "ONCE="+once), throughAProxy...)
	cmd.Stdout, cmd.Stderr = out, complaints
	start(t, cmd)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(out, complaints)
		}
	})
	return cmd, dir, out, complaints
}

// invited is a line of the demo that shows an invitation, with what it took.
var invited = regexp.MustCompile(`(?m)^ *[\d.]+ s  (\S.*?) +invited +@(\w+):lab\.example +[\d.]+ s after order [A-Z0-9]+ was paid$`)

func invitations(text string) (seats []string) {
	for _, found := range invited.FindAllStringSubmatch(text, -1) {
		seats = append(seats, found[2]+" in "+found[1])
	}
	return seats
}

// seats are the invitations that the demo brings about.
var seats = []string{"ada in Camp", "bob in Camp", "bob in Camp online", "cleo in Camp"}

func TestDemoShowsEachStepWithItsTimeAndEnds(t *testing.T) {
	path := program(t)
	t.Parallel()
	cmd, dir, out, _ := demonstrate(t, path, "1")
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 0 {
		t.Fatalf("got status %d, want 0", got)
	}
	got := invitations(out.String())
	slices.Sort(got)
	if !slices.Equal(got, seats) {
		t.Errorf("got invitations %q, want %q", got, seats)
	}
	timed := regexp.MustCompile(`^ *\d+\.\d\d s  `)
	for line := range strings.Lines(out.String()) {
		if text := strings.TrimSpace(line); strings.Contains(line, "  olga  ") && !timed.MatchString(line) {
			t.Errorf("a step has no time: %s", text)
		}
	}
	for _, step := range []string{"synapse answers", "pretix answers", "matrix-pretix is ready", "!authorize", "Connected", "!setroom", "opens to every ticket", "!control", "!status"} {
		if !strings.Contains(out.String(), step) {
			t.Errorf("it does not show %q", step)
		}
	}
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}

// deaf returns a program that Pretix cannot call, and that does not look for orders by itself.
func deaf(t *testing.T, path string) string {
	t.Helper()
	script := `#!/bin/sh
sed -i -e 's|public_address: .*|public_address: http://127.0.0.1:9|' -e '/sweep_interval/d' -e '/^network:/a\  sweep_interval: 1h' "$2"
exec ` + path + ` "$@"
`
	deafened := filepath.Join(t.TempDir(), "deaf")
	if err := os.WriteFile(deafened, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return deafened
}

func TestDemoEndsBadlyWhenTheInvitationDoesNotCome(t *testing.T) {
	path := program(t)
	t.Parallel()
	cmd, dir, out, complaints := demonstrate(t, deaf(t, path), "1")
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 1 || !strings.Contains(complaints.String(), "wait for an invitation") {
		t.Errorf("got status %d and %q, want 1 and what did not come", got, complaints)
	}
	if got := invitations(out.String()); len(got) > 0 {
		t.Errorf("got invitations %q from a program that cannot know of orders", got)
	}
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}

func TestDemoStaysUpUntilItIsStopped(t *testing.T) {
	path := program(t)
	t.Parallel()
	cmd, dir, out, _ := demonstrate(t, path, "")
	eventually(t, 2*time.Minute, "all is handed over", func() bool { return strings.Contains(out.String(), "bridge.log") })
	for _, part := range []string{"http://127.0.0.1:", "gift card", "password", "Pretix backend"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("it does not say where or with what: no %q", part)
		}
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 0 {
		t.Errorf("got status %d, want 0", got)
	}
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}
