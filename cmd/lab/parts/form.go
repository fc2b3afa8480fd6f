package parts

import (
	"html"
	"net/url"
	"regexp"
	"strings"
)

// form is what a browser knows of a form on a page: where it goes and what it would send untouched.
type form struct {
	action string
	method string
	values url.Values
	// names are all fields and buttons in the order of the page, those included that untouched send nothing.
	names []string
}

var (
	tagPattern = regexp.MustCompile(`(?is)<(/?)(form|input|select|option|textarea|button)\b((?:[^>"']|"[^"]*"|'[^']*')*)>([^<]*)`)
	attributes = regexp.MustCompile(`(?is)([a-z][a-z0-9_-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?`)
)

// forms reads the forms of a page. It knows as much HTML as Pretix's templates use.
func forms(page string) []form {
	var all []form
	selected := ""
	for _, match := range tagPattern.FindAllStringSubmatch(page, -1) {
		closes, tag, text := match[1] != "", strings.ToLower(match[2]), html.UnescapeString(match[4])
		if closes {
			continue
		}
		a := readAttributes(match[3])
		if tag == "form" {
			all = append(all, form{action: a["action"], method: strings.ToUpper(a["method"]), values: url.Values{}})
			continue
		}
		if len(all) == 0 {
			continue
		}
		f := &all[len(all)-1]
		_, checked := a["checked"]
		_, chosen := a["selected"]
		switch {
		case tag == "select":
			selected = a["name"]
			f.names = append(f.names, selected)
		case tag == "option" && chosen:
			f.values.Set(selected, a["value"])
		case tag == "option" || a["name"] == "":
		case tag == "textarea":
			f.names = append(f.names, a["name"])
			f.values.Set(a["name"], strings.TrimPrefix(text, "\n"))
		default:
			f.names = append(f.names, a["name"])
			if sendsUntouched(tag, a["type"], checked) {
				f.values.Add(a["name"], a["value"])
			}
		}
	}
	return all
}

// sendsUntouched reports whether an input is sent if nobody touches it. Buttons and unchecked boxes are not.
func sendsUntouched(tag, kind string, checked bool) bool {
	switch {
	case tag == "button", kind == "submit", kind == "file":
		return false
	case kind == "checkbox", kind == "radio":
		return checked
	}
	return true
}

func readAttributes(text string) map[string]string {
	read := map[string]string{}
	for _, match := range attributes.FindAllStringSubmatch(text, -1) {
		read[strings.ToLower(match[1])] = html.UnescapeString(match[2] + match[3] + match[4])
	}
	return read
}

// field returns the first name that ends so.
func (f form) field(suffix string) (string, bool) {
	for _, name := range f.names {
		if strings.HasSuffix(name, suffix) {
			return name, true
		}
	}
	return "", false
}
