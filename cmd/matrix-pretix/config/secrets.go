package config

import (
	"errors"
	"io/fs"
	"os"
	"reflect"
	"strings"
)

// Environment looks up a variable, as os.LookupEnv does.
//
// A secret such as appservice.as_token is taken from MATRIX_PRETIX_APPSERVICE_AS_TOKEN if that is set, or from the file that
// MATRIX_PRETIX_APPSERVICE_AS_TOKEN_FILE names, else from the config.
type Environment func(name string) (string, bool)

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

// variable is the name under which the environment may hold the secret of that key.
func variable(key string) string {
	return "MATRIX_PRETIX_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// fromEnvironment takes over the secrets that the environment has, and returns which those are.
func (d *decoder) fromEnvironment(c *Config, env Environment) map[string]bool {
	taken := map[string]bool{}
	for _, s := range secretsOf(c) {
		name := variable(s.key)
		value, inEnvironment := env(name)
		file, inFile := env(name + "_FILE")
		switch {
		case inEnvironment && inFile:
			d.refuse(s.key, 0, "both %s and %s_FILE are set; only one may be", name, name)
		case inFile:
			// The path is not shown: it is the secret itself when somebody took the wrong variable.
			text, err := os.ReadFile(file)
			if err != nil {
				d.refuse(s.key, 0, "the file that %s_FILE names %s", name, whyUnreadable(err))
				continue
			}
			*s.value, taken[s.key] = strings.TrimRight(string(text), "\r\n"), true
		case inEnvironment:
			*s.value, taken[s.key] = value, true
		}
	}
	return taken
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
