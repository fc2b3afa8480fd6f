package config

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"matrix-pretix/database"
)

// Example is the example config.
//
//go:embed example.yaml
var Example []byte

// WriteExample writes the example config to a path where nothing is yet.
func WriteExample(path string) error {
	return create(path, Example)
}

// Generate fills the empty secrets of a config, leaving every other character of it as it was, and writes the registration
// that belongs to it. It changes nothing if there is a registration already or if the config is wrong otherwise.
func Generate(path, registration string, env Environment) error {
	if _, err := os.Lstat(registration); err == nil {
		return alreadyThere(registration)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return unreadable(path, err)
	}
	filled, wrong := fillSecrets(text, env)
	c, err := parse(path, filled, env, wrong)
	if err != nil {
		return err
	}
	out, err := NewRegistration(c, unusedName()).YAML()
	if err != nil {
		return err
	}
	// The config goes first: if the registration then cannot be written, the next -g makes it of the same secrets.
	if bytes.Equal(text, filled) {
		err = os.Chmod(path, 0o600)
	} else {
		err = replace(path, filled)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return create(registration, out)
}

// fillSecrets writes a new secret wherever the config has an empty one that the environment does not give, and returns which it could
// not write. All else that is wrong with the config is told by whoever reads the result.
func fillSecrets(text []byte, env Environment) (filled []byte, wrong []Problem) {
	c := Default()
	d := decode(text, c)
	if len(d.lines) == 0 {
		return text, nil
	}
	given := d.fromEnvironment(c, env)
	for _, s := range secretsOf(c) {
		made := newSecret(s.key)
		if *s.value != "" || given[s.key] != "" || made == "" || d.isWrong(s.key) {
			continue
		}
		with, err := fill(text, s.key, made)
		if err != nil {
			wrong = append(wrong, Problem{Key: s.key, Line: d.lineOf(s.key), Text: err.Error()})
			continue
		}
		text = with
	}
	return text, wrong
}

// newSecret makes a secret for a key; "" if it is none that can be made up.
func newSecret(key string) string {
	switch key {
	case "network.seal_key", "network.digest_key":
		b := make([]byte, database.KeyBytes)
		_, _ = rand.Read(b) // it never fails
		return base64.StdEncoding.EncodeToString(b)
	case "database.uri":
		return ""
	default:
		return rand.Text() + rand.Text()
	}
}

// create writes a new file that only its owner may read.
func create(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return alreadyThere(path)
	} else if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func alreadyThere(path string) error {
	return fmt.Errorf("%s is there already and is not overwritten; move it away first", path)
}

// replace changes a file at once or not at all, and leaves it readable to its owner only, who stays the same.
func replace(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, keepOwner(f, path), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// keepOwner gives a new file the owner of the one in whose place it comes: root may run -g for a program that is not root.
func keepOwner(f *os.File, path string) error {
	former, err := os.Stat(path)
	if err != nil {
		return err
	}
	owner, ok := former.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Getuid() && int(owner.Gid) == os.Getgid() {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}
