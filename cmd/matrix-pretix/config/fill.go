package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// emptyValue is a key and an empty value behind it, from where the key begins.
var emptyValue = regexp.MustCompile(`^("[^"]*"|'[^']*'|[^\s:"']+)[ \t]*:[ \t]*(""|''|~|null\b)?`)

// fill writes a value behind a key of a YAML text that has an empty one, as text: comments, order and blanks stay as they are.
func fill(text []byte, key, value string) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, errors.New("the file cannot be read as YAML")
	}
	at := find(&document, strings.Split(key, "."))
	name := key[strings.LastIndexByte(key, '.')+1:]
	if at == nil {
		return nil, fmt.Errorf("it is missing; add %s: \"\" for -g to fill in", name)
	}
	lines := strings.SplitAfter(string(text), "\n")
	line := []rune(lines[at.Line-1])
	before, rest := string(line[:at.Column-1]), string(line[at.Column-1:])
	found := emptyValue.FindStringIndex(rest)
	if found == nil {
		return nil, fmt.Errorf("it is empty in a way that cannot be filled in; write %s: \"\"", name)
	}
	after := rest[found[1]:]
	if strings.HasPrefix(after, "#") {
		after = " " + after
	}
	lines[at.Line-1] = fmt.Sprintf("%s%s: %q%s", before, name, value, after)
	return []byte(strings.Join(lines, "")), nil
}

// find returns the node of the last key on a path through mappings, or nil.
func find(node *yaml.Node, path []string) *yaml.Node {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		switch {
		case node.Content[i].Value != path[0]:
		case len(path) == 1:
			return node.Content[i]
		default:
			return find(node.Content[i+1], path[1:])
		}
	}
	return nil
}
