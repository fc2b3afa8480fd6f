package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const ownerFile = "owner.lock"

// RunDir is a directory for one lab's life. Its owner holds a lock on a file in it; the kernel drops the lock when the owner
// dies, however it dies, so a later lab can tell what is left over from what is in use.
type RunDir struct {
	Path string
	lock *os.File
}

// NewRunDir makes a fresh directory for a lab of that kind, a word, and first clears away what dead owners have left.
func NewRunDir(kind string) (*RunDir, error) {
	base, err := runBase()
	if err != nil {
		return nil, err
	}
	clearLeftovers(base)
	path, err := os.MkdirTemp(base, "new-")
	if err != nil {
		return nil, fmt.Errorf("make a directory in %s: %w", base, err)
	}
	if err := os.Chmod(path, 0o711); err != nil {
		return nil, fmt.Errorf("open %s to the database's user: %w", path, err)
	}
	lock, err := lockFile(filepath.Join(path, ownerFile), true)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintln(lock, os.Getpid())
	// Only now may others find it: a directory named run-… without a locked file in it is a leftover.
	final := filepath.Join(base, "run-"+kind+"-"+token(8))
	if err := errors.Join(err, os.Rename(path, final)); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &RunDir{Path: final, lock: lock}, nil
}

// FindRunDir returns the directory of a lab of that kind whose owner lives, and the owner's process ID; "" if there is none. What
// dead owners have left is cleared away first.
func FindRunDir(kind string) (path string, owner int, err error) {
	base, err := runBase()
	if err != nil {
		return "", 0, err
	}
	clearLeftovers(base)
	dirs, _ := filepath.Glob(filepath.Join(base, "run-"+kind+"-*"))
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, ownerFile))
		if err != nil {
			continue // it has just gone
		}
		owner, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return "", 0, fmt.Errorf("read the owner of %s: %w", dir, err)
		}
		return dir, owner, nil
	}
	return "", 0, nil
}

// Alone waits until nobody else starts a lab of that kind, and keeps others waiting until it is told to let them.
func Alone(ctx context.Context, kind string) (let func() error, err error) {
	base, err := runBase()
	if err != nil {
		return nil, err
	}
	lock, err := waitForLock(ctx, filepath.Join(base, kind+".lock"))
	if err != nil {
		return nil, err
	}
	return lock.Close, nil
}

// runBase returns the directory of all run directories of this user.
func runBase() (string, error) {
	base := filepath.Join(os.TempDir(), fmt.Sprintf("matrix-pretix-lab-%d", os.Getuid()))
	if err := os.MkdirAll(base, 0o711); err != nil {
		return "", fmt.Errorf("make %s: %w", base, err)
	}
	is, err := os.Lstat(base)
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", base, err)
	}
	// Programs run from here, and the directory for temporary files is everybody's.
	if stat, ok := is.Sys().(*syscall.Stat_t); !ok || !is.IsDir() || int(stat.Uid) != os.Getuid() {
		return "", fmt.Errorf("use %s: it is somebody else's", base)
	}
	return base, nil
}

// Remove deletes the directory and gives up its lock.
func (d *RunDir) Remove() error {
	return errors.Join(os.RemoveAll(d.Path), d.lock.Close())
}

// clearLeftovers ends and deletes every lab below base whose owner is dead. What cannot be cleared is left for the next time.
func clearLeftovers(base string) {
	dirs, _ := filepath.Glob(filepath.Join(base, "run-*"))
	for _, dir := range dirs {
		lock, err := lockFile(filepath.Join(dir, ownerFile), true)
		if err != nil {
			continue // in use
		}
		killMarked(dir)
		_ = os.RemoveAll(dir)
		_ = lock.Close()
	}
}
