package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

// TestMain lets the test's own program be the lab, so that it can be started and killed.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_LAB") != "" {
		main()
	}
	var err error
	if programDir, err = os.MkdirTemp("", "program-"); err != nil {
		panic(err)
	}
	status := m.Run()
	_ = os.RemoveAll(programDir)
	os.Exit(status)
}

// labs is where the labs of a test keep what they write. It is not closed to the user as whom a root's Postgres may have to run.
func labs(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "labs-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lab returns this program as the lab.
func lab(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return as(t, dir, append([]string{self}, args...)...)
}

// as returns a command in whose environment this program is the lab.
func as(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "BE_THE_LAB=1", "TMPDIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// start starts a command, which is gone when the test ends.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// isUp waits until a lab is up.
func isUp(t *testing.T, dir string) {
	t.Helper()
	eventually(t, 5*time.Minute, "the lab is up", func() bool {
		documents, _ := filepath.Glob(filepath.Join(dir, "*", "run-test-*", "lab.json"))
		return len(documents) > 0
	})
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

// installing is an environment in which the lab's parts are not installed yet, and Python never ends installing them. Each Python
// writes what it has started, and its own process, into the file.
func installing(t *testing.T) (env []string, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "processes")
	script := "#!/bin/sh\ncase \"$1\" in -c) exit 0;; esac\nsleep 1000 &\necho \"$! $$\" >>" + file + "\nwait\n"
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + dir + ":" + os.Getenv("PATH"), parts.CacheEnv + "=" + filepath.Join(dir, "cache")}, file
}

// installers waits until as many have begun to install, and returns all processes that were started for it.
func installers(t *testing.T, file string, n int) (pids []int) {
	t.Helper()
	eventually(t, time.Minute, fmt.Sprint(n, " installations have begun"), func() bool {
		text, _ := os.ReadFile(file)
		pids = nil
		for word := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
		return len(pids) == 2*n
	})
	return pids
}
