package parts

import (
	"os"
	"path/filepath"
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
	child, err := program{name: "server", dir: inner, log: filepath.Join(inner, "log"), args: []string{"sleep", "1000"}}.start()
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

func TestAnotherProcessWithTheSameNumberIsNotKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir, child := abandoned(t)
	file := filepath.Join(dir.Path, "server", "server"+pidSuffix)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text[:len(text)-1], "0\n"...), 0o644); err != nil { // another start time
		t.Fatal(err)
	}
	killNoted(file)
	select {
	case <-child.done:
		t.Error("it was killed")
	default:
	}
	if err := dir.Remove(); err != nil {
		t.Error(err)
	}
}
