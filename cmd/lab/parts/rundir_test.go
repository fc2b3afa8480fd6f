package parts

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// abandoned makes a run directory with a running child in it, as an owner leaves it who was killed.
func abandoned(t *testing.T) (*RunDir, *process) {
	t.Helper()
	dir, err := NewRunDir("test")
	if err != nil {
		t.Fatal(err)
	}
	inner, err := subdir(dir.Path, "server")
	if err != nil {
		t.Fatal(err)
	}
	child, err := program{name: "server", dir: inner, log: filepath.Join(inner, "log"), args: []string{"sleep", "1000"}, lastWill: syscall.SIGKILL}.start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.stop(syscall.SIGKILL, 0) })
	return dir, child
}

func TestLaterLabClearsWhatADeadOneLeft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead, child := abandoned(t)
	if err := dead.lock.Close(); err != nil { // as the kernel does at its owner's death
		t.Fatal(err)
	}
	found, _, err := FindRunDir("test")
	if err != nil || found != "" {
		t.Errorf("got directory %q and error %v, want none", found, err)
	}
	if exists(dead.Path) {
		t.Error("the directory is still there")
	}
	<-child.done
}

func TestLivingLabIsLeftAlone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	living, child := abandoned(t)
	found, owner, err := FindRunDir("test")
	if err != nil || found != living.Path || owner != os.Getpid() {
		t.Errorf("got directory %q of %d and error %v, want %q of %d", found, owner, err, living.Path, os.Getpid())
	}
	if err := syscall.Kill(child.pid, 0); err != nil {
		t.Errorf("its child is gone: %v", err)
	}
	if err := living.Remove(); err != nil {
		t.Error(err)
	}
}

func TestWhateverADeadLabsChildrenStartedIsKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead, err := NewRunDir("test")
	if err != nil {
		t.Fatal(err)
	}
	// The grandchild is in a session of its own, and its parent has ended.
	pidFile := filepath.Join(t.TempDir(), "pid")
	parent := program{
		name: "parent", dir: dead.Path, log: os.DevNull, lastWill: syscall.SIGKILL,
		args: []string{"setsid", "--wait", "sh", "-c", `sleep 1000 & echo $! >"$1"`, "sh", pidFile},
	}
	if err := parent.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if !runs(pid) {
		t.Fatal("the grandchild has ended by itself")
	}
	if err := dead.lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := FindRunDir("test"); err != nil {
		t.Fatal(err)
	}
	if runs(pid) {
		t.Error("the grandchild still runs")
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// runs reports whether a process has not ended; one that nobody has waited for yet has.
func runs(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}

func TestOnlyMarkedProcessesAreALabs(t *testing.T) {
	const dir = "/tmp/labs/run-test-1"
	environ := func(variables ...string) string { return strings.Join(variables, "\x00") + "\x00" }
	for name, test := range map[string]struct {
		environ string
		want    bool
	}{
		"a server of it":               {environ(Marked([]string{"A=b"}, dir+"/synapse")...), true},
		"its command":                  {environ(Marked(nil, dir)...), true},
		"a lab within the lab":         {environ(Marked(Marked(nil, dir), "/tmp/other/run-test-2")...), true},
		"another lab":                  {environ(Marked(nil, dir+"2")...), false},
		"the lab around it":            {environ(Marked(nil, "/tmp/labs")...), false},
		"somebody who uses it":         {environ(Env + "=" + dir + "/lab.json"), false},
		"somebody who works elsewhere": {environ(Marked(nil, "")...), false},
		"nothing is known":             {"", false},
	} {
		if got := isMarked(test.environ, dir); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
