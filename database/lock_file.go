package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lockSuffix makes the lock file's path from the database's. A file of its own, because SQLite locks its own file in a way
// that closing any other handle on it undoes.
const lockSuffix = ".lock"

// nameLimit bounds what is read of a lock file, which anybody may have written.
const nameLimit = 200

// fileLock holds a lock that the kernel takes away when the process ends. The file's text names the holder. The file stays
// for ever: to remove it would let two processes lock two files of one name.
type fileLock struct {
	path, name string
	file       *os.File
}

func newFileLock(database, name string) *fileLock {
	return &fileLock{path: realPath(database) + lockSuffix, name: name}
}

// realPath follows links, so that a database with two names has one lock.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil { // the file is still to be made
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

func (f *fileLock) try(context.Context) (held bool, holder string, err error) {
	if f.file != nil { // a lock that was lost before it was used
		_ = f.file.Close()
		f.file = nil
	}
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, "", fmt.Errorf("open the lock file beside the file of database.uri: %w", withoutPath(err))
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, holderOf(file), file.Close()
	}
	if err == nil {
		err = f.take(file)
	}
	if errors.Is(err, ErrLockLost) { // removed or replaced just now: the next try finds the new one
		return false, unnamed, file.Close()
	}
	if err != nil {
		return false, "", fmt.Errorf("lock the lock file beside the file of database.uri: %w", errors.Join(withoutPath(err), file.Close()))
	}
	return true, "", nil
}

// take writes our name. A file that was removed or replaced between opening and locking is not the one that others lock.
func (f *fileLock) take(file *os.File) error {
	if err := sameFile(file, f.path); err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	if _, err := file.WriteAt([]byte(f.name+"\n"), 0); err != nil {
		return err
	}
	f.file = file
	return nil
}

func (f *fileLock) check(context.Context) error { return sameFile(f.file, f.path) }

func (f *fileLock) disturbed() bool { return sameFile(f.file, f.path) != nil }

func (f *fileLock) drop() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.file.Truncate(0), f.file.Close())
}

func sameFile(file *os.File, path string) error {
	ours, err := file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(path)
	if err != nil || !os.SameFile(ours, named) {
		return ErrLockLost
	}
	return nil
}

func holderOf(file io.Reader) string {
	text, err := io.ReadAll(io.LimitReader(file, nameLimit))
	if name := strings.TrimSpace(string(text)); err == nil && name != "" {
		return name
	}
	return unnamed
}
