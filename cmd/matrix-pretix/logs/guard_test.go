package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"maunium.net/go/mautrix/id"
)

// recorded returns a guarded logger and what it writes.
func recorded(t *testing.T, level string) (*zap.Logger, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	log, err := New(level, "json", zapcore.AddSync(out), our)
	if err != nil {
		t.Fatal(err)
	}
	return log, out
}

func lastLine(t *testing.T, out *bytes.Buffer) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
		t.Fatalf("%v in %q", err, lines[len(lines)-1])
	}
	return line
}

func TestFieldOnTheListIsWrittenScrubbed(t *testing.T) {
	log, out := recorded(t, "info")
	log.Named("inviter").With(zap.Stringer("room_id", id.RoomID("!a:example.org"))).Info("order handled",
		zap.String("order", "ABC12"), zap.Int("invited", 2), zap.Strings("lacks", []string{"a", "of @ada:example.org"}),
		zap.Error(fmt.Errorf("ask: %w", errors.New("no @ada:example.org"))))
	line := lastLine(t, out)
	for key, want := range map[string]string{
		"level": "info", "logger": "inviter", "msg": "order handled", "room_id": "!a:example.org", "order": "ABC12",
		"invited": "2", "lacks": "[a of [id]]", "error": "ask: no [id]", "hidden": "<nil>", "errorVerbose": "<nil>",
	} {
		if got := fmt.Sprint(line[key]); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}

func TestFieldOffTheListIsNamedButNotWritten(t *testing.T) {
	var nobody *id.UserID
	log, out := recorded(t, "debug")
	log.With(zap.String("name", "Ada Lovelace")).Debug("a line of @ada:example.org",
		zap.Stringer("user_id", id.UserID("@ada:example.org")), zap.Any("reply", map[string]string{"a": "Ada Lovelace"}),
		zap.Any("outcome", struct{ Name string }{"Ada Lovelace"}), zap.ByteString("body", []byte("Ada Lovelace")),
		zap.Stringer("room_id", nobody), zap.Stringers("state", []id.UserID{"@ada:example.org"}), zap.Dict("kind", zap.String("order", "Ada Lovelace")))
	if strings.Contains(out.String(), "Lovelace") || strings.Contains(out.String(), "@ada") {
		t.Errorf("got %s", out)
	}
	for _, name := range []string{"name", "user_id", "reply", "body"} {
		if !strings.Contains(out.String(), strconv.Quote(name)) {
			t.Errorf("%s is not named in %s", name, out)
		}
	}
}

func TestStackOfAPanicIsWritten(t *testing.T) {
	log, out := recorded(t, "info")
	log.Error("handler panicked", zap.String("type", "m.room.message"), zap.Stack("stack"))
	if got := fmt.Sprint(lastLine(t, out)["stack"]); !strings.Contains(got, "TestStackOfAPanicIsWritten") {
		t.Errorf("got %q, want where it was", got)
	}
}

func TestGuardingTwiceIsGuardingOnce(t *testing.T) {
	log, _ := recorded(t, "info")
	if Guard(log, Rules{}) != log {
		t.Error("got another logger")
	}
}

func TestNoLineIsSampledAway(t *testing.T) {
	log, out := recorded(t, "info")
	for range 1000 {
		log.Info("order handled")
	}
	if got := strings.Count(out.String(), "\n"); got != 1000 {
		t.Errorf("got %d lines, want 1000", got)
	}
}

func TestConsoleIsForReading(t *testing.T) {
	out := &bytes.Buffer{}
	log, err := New("info", "console", zapcore.AddSync(out), our)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("listening", zap.String("address", "127.0.0.1:1"))
	if got := out.String(); !strings.Contains(got, "INFO\tlistening") {
		t.Errorf("got %q", got)
	}
}

// TestEveryFieldOfTheProgramIsOnTheList reads the sources: a field that nobody can read is a mistake of whoever wrote it.
func TestEveryFieldOfTheProgramIsOnTheList(t *testing.T) {
	texts := set("String", "Stringp", "Stringer", "Strings", "Stringers", "ByteString", "Any", "Reflect", "NamedError", "Object", "Array", "Stack", "StackSkip", "Dict", "Inline")
	written := func(key ast.Expr) (name string, ok bool) {
		literal, isLiteral := key.(*ast.BasicLit)
		if !isLiteral {
			return "a key that is no literal", false // nobody can tell what it will be
		}
		name, _ = strconv.Unquote(literal.Value)
		return name, ours[name] || name == "hidden"
	}
	seen := 0
	for _, root := range []string{"bridge", "pretixconn", "database", "cmd/matrix-pretix"} {
		err := filepath.WalkDir(filepath.Join("../../..", root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			if strings.HasSuffix(filepath.Dir(path), "logs") {
				return nil // what hands on others' fields stands here
			}
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				call, ok := node.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				function, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || fmt.Sprint(function.X) != "zap" || !texts[function.Sel.Name] {
					return true
				}
				seen++
				if name, ok := written(call.Args[0]); !ok {
					t.Errorf("%s: zap.%s(%q): a text of that name is never written", files.Position(call.Pos()), function.Sel.Name, name)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Error("no field was found at all")
	}
}
