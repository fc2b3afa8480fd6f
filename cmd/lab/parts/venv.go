package parts

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Versions of what is installed. Everything that comes with them is pinned too, in python/*.txt.
const (
	SynapseVersion = "1.163.2"
	PretixVersion  = "2026.8.0"
)

//go:embed python/synapse.txt
var synapseRequirements string

//go:embed python/pretix.txt
var pretixRequirements string

// venv is a Python environment to be kept in the cache.
type venv struct {
	name         string
	packages     []string
	requirements string
}

var (
	synapseVenv = venv{"synapse", []string{"matrix-synapse"}, synapseRequirements}
	pretixVenv  = venv{"pretix", []string{"pretix", "gunicorn"}, pretixRequirements}
)

// install returns the directory of the environment, which it makes if it is not in the cache. A marker is written last, so one
// that was left half-made is never used. The name holds a digest of the requirements: a new version gets a new directory.
func (v venv) install(ctx context.Context, cache string, say func(string)) (string, error) {
	sum := sha256.Sum256([]byte(v.requirements + strings.Join(v.packages, " ")))
	name := "venv-" + v.name + "-" + hex.EncodeToString(sum[:4])
	dir := filepath.Join(cache, name)
	marker := filepath.Join(dir, "complete")
	err := once(ctx, cache, name, func() bool { return exists(marker) }, func(ctx context.Context) error {
		began := time.Now()
		say("installing " + v.name + " (once, about a minute)")
		if err := v.build(ctx, dir, filepath.Join(cache, name+".log")); err != nil {
			return fmt.Errorf("install %s: %w", v.name, err)
		}
		say(fmt.Sprintf("installed %s in %s", v.name, took(began)))
		return os.WriteFile(marker, nil, 0o644)
	})
	return dir, err
}

// build makes the environment from nothing.
func (v venv) build(ctx context.Context, dir, log string) error {
	python, err := findPython(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(dir), os.RemoveAll(log)); err != nil {
		return err
	}
	env := append(Marked(os.Environ(), dir), "PIP_DISABLE_PIP_VERSION_CHECK=1", "PYTHONDONTWRITEBYTECODE=")
	if err := run(ctx, log, env, python, "-m", "venv", dir); err != nil {
		return err
	}
	pins := filepath.Join(dir, "pins.txt")
	if err := os.WriteFile(pins, []byte(v.requirements), 0o644); err != nil {
		return err
	}
	pip := []string{filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", "--constraint", pins}
	return run(ctx, log, env, append(pip, v.packages...)...)
}

// findPython returns a Python of 3.11 or later that can make environments.
func findPython(ctx context.Context) (string, error) {
	const check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
	for _, name := range []string{"python3", "/usr/bin/python3", "python3.13", "python3.12", "python3.11"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if exec.CommandContext(ctx, path, "-c", check).Run() == nil {
			return path, nil
		}
	}
	return "", errors.New("find Python 3.11 or later with its venv module: there is none")
}

// took renders the time since then for a line of progress.
func took(since time.Time) time.Duration {
	return time.Since(since).Round(100 * time.Millisecond)
}
