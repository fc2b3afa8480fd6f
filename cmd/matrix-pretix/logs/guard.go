package logs

import (
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Guard returns a logger that writes to where log writes, but no person and no secret. Guarding twice is guarding once.
func Guard(log *zap.Logger, rules Rules) *zap.Logger {
	if _, ok := log.Core().(*guard); ok {
		return log
	}
	return log.WithOptions(zap.WrapCore(func(inner zapcore.Core) zapcore.Core {
		return &guard{inner: inner, scrub: newScrubber(rules)}
	}))
}

// guard is a core that cleans whatever passes.
type guard struct {
	inner zapcore.Core
	scrub *scrubber
}

func (g *guard) Enabled(level zapcore.Level) bool { return g.inner.Enabled(level) }
func (g *guard) Sync() error                      { return g.inner.Sync() }

func (g *guard) With(fields []zapcore.Field) zapcore.Core {
	return &guard{inner: g.inner.With(g.fields(fields)), scrub: g.scrub}
}

func (g *guard) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if g.Enabled(entry.Level) {
		return checked.AddCore(entry, g)
	}
	return checked
}

func (g *guard) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	entry.Message = g.scrub.text(entry.Message)
	entry.Stack = g.scrub.text(entry.Stack)
	return g.inner.Write(entry, g.fields(fields))
}

// fields cleans fields. Those that may not be written are named under "hidden", so that whoever wrote the line notices.
func (g *guard) fields(fields []zapcore.Field) []zapcore.Field {
	clean := make([]zapcore.Field, 0, len(fields))
	var hidden []string
	for _, field := range fields {
		switch {
		case harmless(field.Type):
			clean = append(clean, field)
		case !ours[field.Key]:
			hidden = append(hidden, field.Key)
		default:
			clean = append(clean, g.scrubbed(field))
		}
	}
	if len(hidden) > 0 {
		clean = append(clean, zap.Strings("hidden", hidden))
	}
	return clean
}

// harmless reports whether a kind of field cannot hold a text.
func harmless(kind zapcore.FieldType) bool {
	return slices.Contains([]zapcore.FieldType{
		zapcore.BoolType, zapcore.DurationType, zapcore.TimeType, zapcore.TimeFullType, zapcore.Float64Type, zapcore.Float32Type,
		zapcore.Int64Type, zapcore.Int32Type, zapcore.Int16Type, zapcore.Int8Type,
		zapcore.Uint64Type, zapcore.Uint32Type, zapcore.Uint16Type, zapcore.Uint8Type, zapcore.SkipType, zapcore.NamespaceType,
	}, kind)
}

// scrubbed returns a field with its texts scrubbed. Encoding it first reads Stringers, errors and lists as they would be
// written, nil ones included.
func (g *guard) scrubbed(field zapcore.Field) zapcore.Field {
	encoded := zapcore.NewMapObjectEncoder()
	field.AddTo(encoded)
	return g.value(field.Key, encoded.Fields[field.Key])
}

// value writes plain values and lists of such. Anything else has an inside that nobody has looked at.
func (g *guard) value(key string, value any) zapcore.Field {
	switch v := value.(type) {
	case nil:
		return zap.Skip()
	case string:
		return zap.String(key, g.scrub.text(v))
	case []any:
		texts := make([]string, len(v))
		for i, element := range v {
			switch element.(type) {
			case string, bool, int, int64, float64, time.Duration:
				texts[i] = g.scrub.text(fmt.Sprint(element))
			default:
				texts[i] = "[hidden]"
			}
		}
		return zap.Strings(key, texts)
	default:
		return zap.String(key, "[hidden]")
	}
}
