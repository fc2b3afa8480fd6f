package parts

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// markEnv names the directories for which a process works. Children inherit it, so that whatever a dead lab has left can be found:
// what its command started, and what that started, in whichever process group.
const markEnv = "MATRIX_PRETIX_LAB_FOR"

// Marked returns the environment for a process that works for a directory: when the lab that owns it is dead, a later one ends the
// process and all that it has started.
func Marked(env []string, dir string) []string {
	if dir == "" {
		return env
	}
	marks := string(filepath.ListSeparator)
	kept := make([]string, 0, len(env)+1)
	for _, variable := range env {
		if value, is := strings.CutPrefix(variable, markEnv+"="); is {
			marks = value
			continue
		}
		kept = append(kept, variable)
	}
	return append(kept, markEnv+"="+marks+dir+string(filepath.ListSeparator))
}

// isMarked reports whether an environment, as the kernel shows it, is of a process that works for a directory or one below it.
func isMarked(environ, dir string) bool {
	for variable := range strings.SplitSeq(environ, "\x00") {
		marks, is := strings.CutPrefix(variable, markEnv+"=")
		for _, mark := range filepath.SplitList(marks) {
			if is && (mark == dir || strings.HasPrefix(mark, dir+string(filepath.Separator))) {
				return true
			}
		}
	}
	return false
}

// killMarked kills every process that works for a directory, and waits until they are gone: by the mark that they carry, never by
// a name. The kernel has ended most of them already, when who started them died.
func killMarked(dir string) {
	// A process that is just coming to be has no environment for a moment: only two looks in a row that find nobody are to be believed.
	const enough = 2
	quiet := 0
	for deadline := time.Now().Add(5 * time.Second); quiet < enough && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		quiet++
		all, _ := filepath.Glob("/proc/[0-9]*")
		for _, path := range all {
			pid, err := strconv.Atoi(filepath.Base(path))
			if err == nil && pid != os.Getpid() && killIfMarked(pid, path, dir) {
				quiet = 0
			}
		}
	}
}

// killIfMarked takes hold of the process before it looks at it, so that no other one of the same number is hit.
func killIfMarked(pid int, path, dir string) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = process.Release() }()
	environ, err := os.ReadFile(filepath.Join(path, "environ"))
	if err != nil || !isMarked(string(environ), dir) {
		return false
	}
	return process.Kill() == nil
}
