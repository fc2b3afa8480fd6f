package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Environment lists all variables, as os.Environ does.
//
// A secret such as appservice.as_token is taken from MATRIX_PRETIX_APPSERVICE_AS_TOKEN if that is set to something, or from the file
// that MATRIX_PRETIX_APPSERVICE_AS_TOKEN_FILE names, else from the config. Another variable that begins like a key is a mistake.
type Environment func() []string

// secret is a value of a Config that nobody may read.
type secret struct {
	key   string
	value *string
}

// secretsOf lists all of them, in the order of the struct.
func secretsOf(c *Config) []secret {
	var found []secret
	var walk func(v reflect.Value, key string)
	walk = func(v reflect.Value, key string) {
		for i := range v.NumField() {
			field := v.Type().Field(i)
			path := join(key, field.Tag.Get("yaml"))
			if field.Tag.Get("secret") != "" {
				found = append(found, secret{path, v.Field(i).Addr().Interface().(*string)})
			} else if field.Type.Kind() == reflect.Struct {
				walk(v.Field(i), path)
			}
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
	return found
}

// Secrets returns all secret values, for those who must see to it that none gets out.
func (c *Config) Secrets() []string {
	var values []string
	for _, s := range secretsOf(c) {
		if *s.value != "" {
			values = append(values, *s.value)
		}
	}
	return values
}

// What the names of our variables begin and, for files, end with.
const (
	variablePrefix = "MATRIX_PRETIX_"
	fileSuffix     = "_FILE"
)

// variable is the name under which the environment may hold the secret of that key.
func variable(key string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// ours returns those of the environment's variables that are for this program and set to something. An empty one is what a
// container's environment makes of a variable that was not set.
func (env Environment) ours() map[string]string {
	set := make(map[string]string)
	for _, pair := range env() {
		if name, value, _ := strings.Cut(pair, "="); value != "" && strings.HasPrefix(name, variablePrefix) {
			set[name] = value
		}
	}
	return set
}

// fromEnvironment takes over the secrets that the environment has, and returns by which variable each of them came.
func (d *decoder) fromEnvironment(c *Config, env Environment) map[string]string {
	taken, set := make(map[string]string), env.ours()
	var known []string
	for _, s := range secretsOf(c) {
		name := variable(s.key)
		known = append(known, name)
		value, file := set[name], set[name+fileSuffix]
		delete(set, name)
		delete(set, name+fileSuffix)
		switch {
		case value != "" && file != "":
			d.refuse(s.key, 0, "both %s and %s are set; only one may be", name, name+fileSuffix)
		case file != "":
			taken[s.key] = name + fileSuffix
			// The path is not shown: it is the secret itself when somebody took the wrong variable.
			text, err := os.ReadFile(file)
			if err != nil {
				d.refuse(s.key, 0, "the file that %s names %s", name+fileSuffix, whyUnreadable(err))
				continue
			}
			*s.value = strings.TrimRight(string(text), "\r\n")
		case value != "":
			*s.value, taken[s.key] = value, name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if meantForUs(name) {
			d.refuse("", 0, "the environment has %s, but there is no such secret; known are %s", name, strings.Join(known, ", "))
		}
	}
	return taken
}

// ofOrchestrators are names that containers get for their neighbours, which may be called as we are.
var ofOrchestrators = regexp.MustCompile(`_(SERVICE|PORT|ENV|NAME)(_|$)`)

// meantForUs reports whether a variable's name begins like that of a key, so that whoever set it expects something of it.
func meantForUs(name string) bool {
	sections := reflect.TypeFor[Config]()
	for i := range sections.NumField() {
		section := sections.Field(i).Tag.Get("yaml")
		if strings.HasPrefix(name, variable(section)+"_") && !ofOrchestrators.MatchString(name) {
			return true
		}
	}
	return false
}

func whyUnreadable(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read by this user"
	default:
		return "cannot be read"
	}
}
