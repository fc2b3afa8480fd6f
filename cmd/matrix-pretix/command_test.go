package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// commanded runs the command line in a directory of its own.
func commanded(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(dir)
	out, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var b bytes.Buffer
	status = command(args, &b, out, func() []string { return nil })
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return status, b.String(), string(text)
}

func TestCommandLineFromExampleToRegistration(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []struct {
		args   []string
		status int
		part   string // of what is said
	}{
		{[]string{"-g"}, 1, "config.yaml: one thing is wrong"},
		{nil, 1, "does not exist"},
		{[]string{"-e"}, 0, "config.yaml is written"},
		{[]string{"-e"}, 1, "not overwritten"},
		{nil, 1, "appservice.as_token"},
		{[]string{"-g"}, 0, "registration.yaml is written"},
		{[]string{"--generate-registration"}, 1, "not overwritten"},
		{[]string{"-g", "-r", "other.yaml"}, 0, "other.yaml is written"},
		{[]string{"-e", "-c", "other-config.yaml"}, 0, "other-config.yaml is written"},
	} {
		status, stdout, stderr := commanded(t, dir, step.args...)
		if status != step.status || !strings.Contains(stdout+stderr, step.part) {
			t.Errorf("%q: got %d and %q, %q; want %d and …%s…", step.args, status, stdout, stderr, step.status, step.part)
		}
	}
	for _, name := range []string{"config.yaml", "registration.yaml", "other.yaml"} {
		about, err := os.Stat(filepath.Join(dir, name))
		if err != nil || about.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want mode 600", name, about, err)
		}
	}
}

func TestVersionAndHelpArePrinted(t *testing.T) {
	for _, c := range []struct {
		arg, part string
	}{
		{"-v", "matrix-pretix " + version()}, {"--version", "matrix-pretix " + version()}, {"-h", "--registration FILE"}, {"--help", "-g, --generate"},
	} {
		if status, stdout, _ := commanded(t, t.TempDir(), c.arg); status != 0 || !strings.Contains(stdout, c.part) {
			t.Errorf("%s: got %d and %q", c.arg, status, stdout)
		}
	}
}

func TestCommandLineThatIsNotUnderstoodIsRefused(t *testing.T) {
	for _, args := range [][]string{{"-x"}, {"config.yaml"}, {"-c"}, {"-e", "-g"}, {"-v=perhaps"}} {
		if status, _, stderr := commanded(t, t.TempDir(), args...); status != statusConfig || stderr == "" {
			t.Errorf("%q: got %d and %q", args, status, stderr)
		}
	}
}
