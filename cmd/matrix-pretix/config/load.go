package config

import (
	"fmt"
	"os"
)

// Load reads and checks a config. What is wrong is told all at once, as a [*Problems].
func Load(path string, env Environment) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return Parse(path, text, env)
}

// Parse is Load for a file's text.
func Parse(path string, text []byte, env Environment) (*Config, error) {
	return parse(path, text, env, nil)
}

// parse is Parse for a text of which some things are known to be wrong.
func parse(path string, text []byte, env Environment, wrong []Problem) (*Config, error) {
	c := Default()
	d := decode(text, c)
	d.problems = append(d.problems, wrong...)
	d.variables = d.fromEnvironment(c, env)
	if c.Bridge.Permissions == nil { // left out, which is not the same as naming nobody
		c.Bridge.Permissions = map[string]Level{c.Homeserver.Domain: User}
	}
	if len(d.lines) > 0 {
		d.check(c)
	}
	if err := asError(path, d.problems); err != nil {
		return nil, err
	}
	return c, nil
}

func unreadable(path string, err error) error {
	text := fmt.Sprintf("the file %s", whyUnreadable(err))
	if os.IsNotExist(err) {
		text += "; -e writes an example there, -c names another"
	}
	return asError(path, []Problem{{Text: text}})
}
