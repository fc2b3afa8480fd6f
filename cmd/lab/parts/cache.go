package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// CacheEnv names the directory in which installed programs and migrated databases are kept from run to run.
const CacheEnv = "MATRIX_PRETIX_LAB_CACHE"

// CacheDir returns the directory for what is costly to make and the same each time: $MATRIX_PRETIX_LAB_CACHE, else
// matrix-pretix-lab in the user's cache directory. Deleting it is always safe while no lab runs.
func CacheDir() (string, error) {
	dir := os.Getenv(CacheEnv)
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the cache directory (or set %s): %w", CacheEnv, err)
		}
		dir = filepath.Join(base, "matrix-pretix-lab")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache directory: %w", err)
	}
	return dir, nil
}

// lockFile takes the exclusive lock on a file, which it creates. With now set it fails rather than wait.
func lockFile(path string, now bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	how := syscall.LOCK_EX
	if now {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// once makes something in the cache that only one process may make at a time: while another does, it waits. What build
// leaves behind counts only if it returned nil; after a crash it is built anew, when those are gone who were building: they have to
// be marked with the path of what they make.
func once(ctx context.Context, cache, name string, done func() bool, build func(context.Context) error) error {
	if done() {
		return nil
	}
	lock, err := waitForLock(ctx, filepath.Join(cache, name+".lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if done() {
		return nil
	}
	killMarked(filepath.Join(cache, name))
	return build(ctx)
}

// waitForLock takes a lock that another process may hold for minutes, unless ctx ends first.
func waitForLock(ctx context.Context, path string) (*os.File, error) {
	for {
		lock, err := lockFile(path, true)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// exists reports whether there is a file or directory of that name.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
