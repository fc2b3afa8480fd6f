package parts

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Wants is what a lab asks of the machine.
type Wants struct {
	// Compiler is what the static program is built with.
	Compiler bool
	Python   bool
	Postgres bool
}

// Missing returns the Debian packages that the machine lacks for what is wanted, none if it lacks nothing.
func Missing(ctx context.Context, w Wants) []string {
	var packages []string
	if w.Compiler && !compiles(ctx) {
		packages = append(packages, "gcc", "libc6-dev")
	}
	if w.Python {
		if _, err := findPython(ctx); err != nil {
			packages = append(packages, "python3", "python3-venv")
		}
	}
	if w.Postgres {
		if _, err := findPostgres(); err != nil {
			packages = append(packages, "postgresql")
		}
	}
	return packages
}

// CheckMachine returns an error with one line to copy if the machine lacks a package.
func CheckMachine(ctx context.Context, w Wants) error {
	packages := Missing(ctx, w)
	if len(packages) == 0 {
		return nil
	}
	sudo := "sudo "
	if os.Getuid() == 0 {
		sudo = ""
	}
	return errors.New("this machine lacks some packages; install them with:\n  " +
		sudo + "apt-get update && " + sudo + "apt-get install -y --no-install-recommends " + strings.Join(packages, " "))
}

// compiles reports whether a static C program can be built, by the compiler that Go would take.
func compiles(ctx context.Context) bool {
	dir, err := os.MkdirTemp("", "compiles-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	compiler := append(strings.Fields(os.Getenv("CC")), "gcc")
	if len(compiler) > 1 {
		compiler = compiler[:len(compiler)-1]
	}
	args := append(compiler[1:], "-static", "-x", "c", "-o", filepath.Join(dir, "a.out"), "-")
	try := exec.CommandContext(ctx, compiler[0], args...)
	try.Stdin = strings.NewReader("#include <stdio.h>\nint main(void) { return puts(\"\"); }\n")
	return try.Run() == nil
}

// findPostgres returns the directory of Postgres's programs, the newest if there are several. Debian keeps them out of PATH.
func findPostgres() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return postgresMajor(b) - postgresMajor(a) })
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, dir := range dirs {
		if exists(filepath.Join(dir, "postgres")) && exists(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return "", errors.New("find Postgres: neither in PATH nor in /usr/lib/postgresql")
}

// postgresMajor reads the version from a path like /usr/lib/postgresql/15/bin.
func postgresMajor(dir string) int {
	major, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return major
}
