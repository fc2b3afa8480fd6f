package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/lab/parts"
)

func TestRunExitsAsTheCommandDidAndLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	dir := labs(t)
	const script = `sleep 1000 & test -s "$MATRIX_PRETIX_LAB" && echo "pid $!" && exit 7`
	cmd := lab(t, dir, "run", "--", "sh", "-c", script)
	var out bytes.Buffer
	cmd.Stdout = &out
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
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
	if dirs, _ := filepath.Glob(filepath.Join(dir, "*", "run-*")); len(dirs) > 0 {
		t.Errorf("still there: %q", dirs)
	}
}

func TestNothingOutlivesAKilledLabAndAnotherStart(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	dir := labs(t)
	// What the command starts gets no signal when the lab dies.
	cmd := lab(t, dir, "run", "--", "sh", "-c", "setsid sleep 1000 & sleep 1000 & sleep 1000; true")
	start(t, cmd)
	isUp(t, dir)
	eventually(t, 15*time.Second, "all servers run, and what the command starts", func() bool {
		running := processesIn(dir)
		others := slices.DeleteFunc(slices.Clone(running), func(command string) bool { return strings.HasPrefix(command, "sleep ") })
		return len(running)-len(others) == 3 && len(others) >= 5
	})
	_ = cmd.Process.Kill()
	eventually(t, 15*time.Second, "all servers are gone", func() bool {
		return !slices.ContainsFunc(processesIn(dir), func(command string) bool { return !strings.HasPrefix(command, "sleep ") })
	})
	if err := lab(t, dir, "down").Run(); err != nil { // it clears what a dead lab has left, as each start does
		t.Fatal(err)
	}
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
	if dirs, _ := filepath.Glob(filepath.Join(dir, "*", "run-*")); len(dirs) > 0 {
		t.Errorf("still there: %q", dirs)
	}
}

func TestKilledInstallationIsOverBeforeTheNextBegins(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	dir := labs(t)
	env, file := installing(t)
	first := lab(t, dir, "run", "true")
	first.Env = append(first.Env, env...)
	start(t, first)
	killed := installers(t, file, 2) // Synapse and Pretix
	_ = first.Process.Kill()

	second := lab(t, dir, "run", "true")
	second.Env = append(second.Env, env...)
	start(t, second)
	all := installers(t, file, 4)
	for _, pid := range killed {
		if alive(pid) {
			t.Errorf("process %d of the first installation still runs beside the second", pid)
		}
	}
	_ = second.Process.Signal(syscall.SIGTERM)
	eventually(t, 15*time.Second, "the second has stopped", func() bool { return !slices.ContainsFunc(all, alive) && len(processesIn(dir)) == 0 })
}

func TestLabEndsWithWhoeverStartedIt(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	dir := labs(t)
	env, file := installing(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	makes := as(t, dir, "sh", "-c", `"$0" run true; true`, self) // it waits, as make does
	makes.Env = append(makes.Env, env...)
	start(t, makes)
	pids := installers(t, file, 2)
	_ = makes.Process.Kill()
	eventually(t, 15*time.Second, "everything has stopped", func() bool { return !slices.ContainsFunc(pids, alive) && len(processesIn(dir)) == 0 })
	if dirs, _ := filepath.Glob(filepath.Join(dir, "*", "run-*")); len(dirs) > 0 {
		t.Errorf("still there: %q", dirs)
	}
}

func TestUpIsOneLabThatStaysUntilDown(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	dir := labs(t)
	t.Cleanup(func() { _ = lab(t, dir, "down").Run() })
	// Two at once, and a flag that says no.
	documents := make([][]byte, 2)
	var both errgroup.Group
	for i := range documents {
		both.Go(func() (err error) {
			documents[i], err = lab(t, dir, "up", "--postgres=false").Output()
			return err
		})
	}
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(documents[0], documents[1]) {
		t.Error("two at once made two labs")
	}
	path := filepath.Join(t.TempDir(), "lab.json")
	if err := os.WriteFile(path, documents[0], 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := parts.ReadDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Postgres != nil {
		t.Error("there is a Postgres, which was not wanted")
	}
	if _, err := l.Organizer.Events["conf"].CreateOrder(t.Context(), parts.OrderSpec{}); err != nil {
		t.Error(err)
	}
	if err := lab(t, dir, "down").Run(); err != nil {
		t.Error(err)
	}
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}

func TestUpKeepsItsCacheWhereItWasTold(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real parts")
	}
	dir := labs(t)
	env, file := installing(t)
	up := lab(t, dir, "up")
	up.Dir = t.TempDir()
	up.Env = append(append(up.Env, env...), parts.CacheEnv+"=cache")
	start(t, up)
	pids := installers(t, file, 2)
	if made, _ := filepath.Glob(filepath.Join(up.Dir, "cache", "venv-*")); len(made) == 0 {
		t.Errorf("nothing is installed in %s", filepath.Join(up.Dir, "cache"))
	}
	_ = up.Process.Signal(syscall.SIGTERM)
	eventually(t, 15*time.Second, "everything has stopped", func() bool { return !slices.ContainsFunc(pids, alive) && len(processesIn(dir)) == 0 })
}
