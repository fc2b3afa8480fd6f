package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Framework returns the logger for mautrix, whose lines go where log's go. It hides what mautrix would write about people:
// see fields.go. The logger never lets trace lines through, which is where mautrix writes the arguments of queries.
func Framework(log *zap.Logger) zerolog.Logger {
	g, ok := log.Core().(*guard)
	if !ok {
		g = &guard{inner: log.Core(), scrub: newScrubber(Rules{})}
	}
	level := zerolog.ErrorLevel
	for _, l := range []zerolog.Level{zerolog.WarnLevel, zerolog.InfoLevel, zerolog.DebugLevel} {
		if g.Enabled(levelOf(l)) {
			level = l
		}
	}
	return zerolog.New(&writer{guard: g, name: name(log)}).Level(level)
}

func name(log *zap.Logger) string { return strings.Trim(log.Name()+".mautrix", ".") }

// writer is where zerolog's lines, which are JSON, become lines of zap.
type writer struct {
	guard *guard
	name  string
}

// Write takes a line without a level.
func (w *writer) Write(line []byte) (int, error) { return w.WriteLevel(zerolog.NoLevel, line) }

// WriteLevel takes one line. It never fails: a line that cannot be read is replaced by one that says so.
func (w *writer) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	entry := zapcore.Entry{Level: levelOf(level), Time: time.Now(), LoggerName: w.name}
	if level == zerolog.TraceLevel || level == zerolog.Disabled || !w.guard.Enabled(entry.Level) {
		return len(line), nil
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		values = map[string]any{zerolog.MessageFieldName: "a line that is not JSON"}
	}
	message, _ := values[zerolog.MessageFieldName].(string)
	entry.Message = w.guard.scrub.text(message)
	if checked := w.guard.inner.Check(entry, nil); checked != nil {
		checked.Write(w.fields(values)...)
	}
	return len(line), nil
}

// levelOf maps the levels. Fatal and panic are errors here: only main ends the program.
func levelOf(level zerolog.Level) zapcore.Level {
	switch level {
	case zerolog.TraceLevel, zerolog.DebugLevel:
		return zapcore.DebugLevel
	case zerolog.WarnLevel:
		return zapcore.WarnLevel
	case zerolog.ErrorLevel, zerolog.FatalLevel, zerolog.PanicLevel:
		return zapcore.ErrorLevel
	default:
		return zapcore.InfoLevel
	}
}

// fields returns what may be written of a line's fields, in the order of their names.
func (w *writer) fields(values map[string]any) []zapcore.Field {
	var fields []zapcore.Field
	var hidden []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if key == zerolog.MessageFieldName || key == zerolog.LevelFieldName || key == zerolog.TimestampFieldName {
			continue
		}
		if field, ok := w.field(key, values[key]); ok {
			fields = append(fields, field)
			continue
		}
		hidden = append(hidden, key)
		// An error's text holds URLs and people, but its kind is what an admin needs most.
		if kinds := kindsIn(values[key]); key == zerolog.ErrorFieldName && len(kinds) > 0 {
			fields = append(fields, zap.Strings("error_kind", kinds))
		}
	}
	if len(hidden) > 0 {
		fields = append(fields, zap.Strings("hidden", hidden))
	}
	return fields
}

func (w *writer) field(key string, value any) (zapcore.Field, bool) {
	switch v := value.(type) {
	case bool:
		return zap.Bool(key, v), true
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return zap.Int64(key, n), true
		}
		f, err := strconv.ParseFloat(string(v), 64)
		return zap.Float64(key, f), err == nil || errors.Is(err, strconv.ErrRange)
	case string:
		if theirBots[key] && w.guard.scrub.bot(v) {
			return zap.String(key, v), true
		}
		return zap.String(key, w.guard.scrub.text(v)), theirs[key]
	default:
		return zap.Skip(), false
	}
}

// kinds are the parts of an error's text that say what kind it is and can hold nothing else.
var kinds = regexp.MustCompile(`\bM_(?:FORBIDDEN|UNKNOWN_TOKEN|MISSING_TOKEN|NOT_FOUND|LIMIT_EXCEEDED|UNKNOWN_DEVICE|UNKNOWN_POS|UNKNOWN|UNRECOGNIZED|` +
	`EXCLUSIVE|BAD_STATE|BAD_JSON|NOT_JSON|INVALID_PARAM|MISSING_PARAM|INVALID_USERNAME|USER_IN_USE|TOO_LARGE|BAD_STATUS|URL_NOT_SET|` +
	`CONNECTION_FAILED|CONNECTION_TIMEOUT|USER_DEACTIVATED|USER_SUSPENDED|INVITE_BLOCKED|INCOMPATIBLE_ROOM_VERSION)\b|\bHTTP [1-5][0-9][0-9]\b|context (?:canceled|deadline exceeded)|connection (?:refused|reset by peer)|` +
	`no such host|i/o timeout|\bEOF\b|signal received|exit with code [0-9]+|(?:unsupported|unknown) database|database is (?:locked|closed)|bad (?:connection|mac)|` +
	`permission denied|disk (?:I/O error|is full)|no space left on device`)

// Kinds returns what an error's text says about its kind, and nothing else of it.
func Kinds(err error) []string { return kindsIn(err.Error()) }

func kindsIn(value any) []string {
	text, _ := value.(string)
	found := kinds.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}
