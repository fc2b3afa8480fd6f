package config

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// decoder fills a Config from YAML and collects what does not fit instead of stopping at it. It is not yaml.v3's own decoder
// because that one shows values, which may be secrets, in its errors, and knows no keys' paths.
type decoder struct {
	problems  []Problem
	lines     map[string]int    // of each key that the file has
	variables map[string]string // from which the environment gives a key's value
}

// isWrong reports whether something is wrong with a key already.
func (d *decoder) isWrong(key string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Key == key })
}

func (d *decoder) refuse(key string, line int, format string, args ...any) {
	d.problems = append(d.problems, Problem{Key: key, Line: line, Text: fmt.Sprintf(format, args...)})
}

// lineOf returns the line of a key or of what it should be in; 0 if the file has neither.
func (d *decoder) lineOf(key string) int {
	for key != "" {
		if line, ok := d.lines[key]; ok {
			return line
		}
		key = key[:max(0, strings.LastIndexByte(key, '.'))]
	}
	return 0
}

// decode fills c from text. Keys that the text does not have keep the value they have.
func decode(text []byte, c *Config) *decoder {
	d := &decoder{lines: map[string]int{}}
	documents := yaml.NewDecoder(strings.NewReader(string(text)))
	var document, another yaml.Node
	switch err := documents.Decode(&document); {
	case errors.Is(err, io.EOF):
		d.refuse("", 0, "it is empty; -e writes an example")
		return d
	case err != nil:
		d.refuse("", lineIn(err), "this is not YAML: %s", reasonIn(err))
		return d
	}
	if err := documents.Decode(&another); !errors.Is(err, io.EOF) {
		d.refuse("", another.Line, "there is a second YAML document; only one is expected")
	}
	if document.Content[0].Tag == "!!null" {
		d.refuse("", 0, "it is empty; -e writes an example")
	}
	d.value(document.Content[0], reflect.ValueOf(c).Elem(), "", false)
	return d
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

func lineIn(err error) int {
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		line, _ := strconv.Atoi(found[1])
		return line
	}
	return 0
}

// reasonIn is what yaml.v3 says, unless that quotes the file.
func reasonIn(err error) string {
	text := strings.TrimPrefix(yamlLine.ReplaceAllString(err.Error(), ""), "yaml: ")
	if strings.ContainsAny(text, "'\"`") && !strings.Contains(text, "expected") {
		return "a value that begins with a special character needs quotes around it"
	}
	return text
}

// value fills one value. An empty one (key: with nothing after it) counts as not there.
func (d *decoder) value(node *yaml.Node, into reflect.Value, key string, secret bool) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		d.section(node, into, key)
	case reflect.Map:
		d.table(node, into, key)
	default:
		if node.Kind != yaml.ScalarNode {
			d.refuse(key, node.Line, "expected a single value")
			return
		}
		if expected := scalar(node, into); expected != "" {
			shown := strconv.Quote(node.Value)
			if secret {
				shown = "this"
			}
			d.refuse(key, node.Line, "%s is not %s", shown, expected)
		}
	}
}

// scalar sets a plain value, or says what was expected.
func scalar(node *yaml.Node, into reflect.Value) (expected string) {
	switch into.Interface().(type) {
	case time.Duration:
		value, err := time.ParseDuration(node.Value)
		if err != nil || value < 0 {
			return "a time such as 90s, 5m or 2h"
		}
		into.SetInt(int64(value))
	case int:
		value, err := strconv.Atoi(node.Value)
		if err != nil {
			return "a whole number"
		}
		into.SetInt(int64(value))
	case bool:
		if node.Value != "true" && node.Value != "false" {
			return "true or false"
		}
		into.SetBool(node.Value == "true")
	default:
		into.SetString(node.Value)
	}
	return ""
}

// section fills a struct. Its keys are the fields' tags.
func (d *decoder) section(node *yaml.Node, into reflect.Value, key string) {
	fields := map[string]int{}
	var known []string
	for i := range into.NumField() {
		if name := into.Type().Field(i).Tag.Get("yaml"); name != "-" {
			fields[name], known = i, append(known, name)
		}
	}
	d.pairs(node, key, strings.Join(known, ", "), func(name string, line int, value *yaml.Node) {
		i, ok := fields[name]
		if !ok {
			d.refuse(join(key, name), line, "there is no such key; known here: %s", strings.Join(known, ", "))
			return
		}
		_, secret := into.Type().Field(i).Tag.Lookup("secret")
		d.value(value, into.Field(i), join(key, name), secret)
	})
}

// table fills a map, whose keys the admin chooses.
func (d *decoder) table(node *yaml.Node, into reflect.Value, key string) {
	into.Set(reflect.MakeMap(into.Type()))
	d.pairs(node, key, "entries of its own", func(name string, _ int, value *yaml.Node) {
		element := reflect.New(into.Type().Elem()).Elem()
		d.value(value, element, join(key, name), false)
		into.SetMapIndex(reflect.ValueOf(name), element)
	})
}

// pairs calls do for each key of a mapping, once.
func (d *decoder) pairs(node *yaml.Node, key, expected string, do func(name string, line int, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		d.refuse(key, node.Line, "expected a section with %s", expected)
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, line := node.Content[i].Value, node.Content[i].Line
		path := join(key, name)
		if first, ok := d.lines[path]; ok {
			d.refuse(path, line, "it is there twice, first in line %d", first)
			continue
		}
		d.lines[path] = line
		do(name, line, node.Content[i+1])
	}
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
