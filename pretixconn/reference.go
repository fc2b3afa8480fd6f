package pretixconn

import (
	"net/url"
	"regexp"
	"strings"
)

// reference is which event somebody meant, as far as their words say. Empty parts were not said; slugs are as typed. Nothing of it
// is ever asked for over the network: it is compared with the events that the person's own logins see.
type reference struct {
	Instance  string // key
	Organizer string
	Event     string

	// Host and Path (with slashes at both ends) are set for an address that is not at an instance: a shop under a domain of its
	// own, known by its public URL alone. Where an organizer's slug looks like a domain, both readings are given.
	Host, Path string
}

// isZero reports whether the text means no event at all.
func (r reference) isZero() bool { return r == reference{} }

// matches reports whether the reference can mean the event. More than one event may match: the caller asks which, preferring the one
// whose slugs are spelled just so, since Pretix tells capitals apart.
func (r reference) matches(instance, organizer, event, publicURL string) bool {
	if r.Host != "" && r.atPublicURL(publicURL) {
		return true
	}
	if r.Organizer == "" && r.Event == "" {
		return false
	}
	return (r.Instance == "" || r.Instance == instance) &&
		(r.Organizer == "" || strings.EqualFold(r.Organizer, organizer)) &&
		(r.Event == "" || strings.EqualFold(r.Event, event))
}

// atPublicURL reports whether the address is the event's shop or a page of it.
func (r reference) atPublicURL(publicURL string) bool {
	shop, err := url.Parse(publicURL)
	if err != nil || shop.Host == "" || hostOf(shop) != r.Host {
		return false
	}
	path := asFolder(shop.Path)
	return len(r.Path) >= len(path) && strings.EqualFold(r.Path[:len(path)], path)
}

var (
	slug = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	// httpAddress is an address in a text, such as a Markdown link or a sentence.
	httpAddress = regexp.MustCompile(`(?i)https?://[^\s<>"'` + "`" + `“”„‘’«»()\[\]{}|]+`)
	// hostAhead is what may be a host at the head of an address that was typed without its scheme.
	hostAhead = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?$`)
)

// maxReference bounds what is looked at.
const maxReference = 4096

// parseReference reads what people paste to name an event: the address of its shop or of any page below it, of its pages in
// Pretix's backend or API, `organizer/event`, the event's slug alone, or an address at a domain of the organizer's own.
func parseReference(text string, instances []Instance) reference {
	if len(text) > maxReference {
		return reference{}
	}
	text, ok := plainText(text)
	if !ok {
		return reference{}
	}
	if address := httpAddress.FindString(text); address != "" {
		return parseAddress(peel(address), instances)
	}
	text = strings.Trim(peel(text), "/")
	text, _, _ = strings.Cut(text, "#")
	text, _, _ = strings.Cut(text, "?")
	segments := strings.Split(strings.TrimRight(text, "/"), "/")
	if ref := schemeless(segments, instances); !ref.isZero() {
		return ref
	}
	return slugs(segments)
}

// slugs reads `event` or `organizer/event`, which may be a host with its shop's path as well.
func slugs(segments []string) reference {
	for _, segment := range segments {
		if !slug.MatchString(segment) {
			return reference{}
		}
	}
	switch len(segments) {
	case 1:
		return reference{Event: segments[0], Host: domainLike(segments[0]), Path: pathFor(segments)}
	case 2:
		return reference{Organizer: segments[0], Event: segments[1], Host: domainLike(segments[0]), Path: pathFor(segments)}
	default:
		return reference{}
	}
}

func domainLike(segment string) string {
	if !strings.Contains(segment, ".") {
		return ""
	}
	return strings.ToLower(segment)
}

func pathFor(segments []string) string {
	if domainLike(segments[0]) == "" {
		return ""
	}
	return asFolder(strings.Join(segments[1:], "/"))
}

// schemeless reads an address without its https://, where its beginning can be nothing else than a host: it is that of an
// instance, has a port, or what follows is too deep to be slugs.
func schemeless(segments []string, instances []Instance) reference {
	host := segments[0]
	if !hostAhead.MatchString(host) {
		return reference{}
	}
	deep := len(segments) > 2 && strings.Contains(host, ".")
	port := strings.Contains(host, ":")
	ref := parseAddress("https://"+strings.Join(segments, "/"), instances)
	if ref.Instance != "" || deep || port {
		return ref
	}
	return reference{}
}

// parseAddress reads a web address: at an instance, or else at some other host.
func parseAddress(address string, instances []Instance) reference {
	at, err := url.Parse(address)
	if err != nil || at.Hostname() == "" {
		return reference{}
	}
	instance, below, ok := instanceAt(instances, at)
	if !ok {
		return reference{Host: hostOf(at), Path: asFolder(at.Path)}
	}
	ref := belowInstance(strings.Split(strings.TrimSuffix(below, "/"), "/"))
	if ref.isZero() {
		return reference{}
	}
	ref.Instance = instance.Key
	return ref
}

// backendPaths lead to an event in the backend and in the API, and to an organizer.
var backendPaths = [][]string{
	{"control", "event", "{organizer}", "{event}"},
	{"control", "organizer", "{organizer}"},
	{"api", "v1", "organizers", "{organizer}", "events", "{event}"},
	{"api", "v1", "organizers", "{organizer}"},
}

// reserved are first segments of an instance's own pages, which are no organizers.
func reserved(segment string) bool {
	switch strings.ToLower(segment) {
	case "control", "api", "static", "media", "locale", "redirect", "metrics", "healthcheck", "jsi18n", "js", "widget", "csp_report":
		return true
	}
	return false
}

// belowInstance reads the path of a page of an instance.
func belowInstance(segments []string) reference {
	for _, pattern := range backendPaths {
		if ref, ok := match(pattern, segments); ok {
			return ref
		}
	}
	if reserved(segments[0]) || !slug.MatchString(segments[0]) {
		return reference{}
	}
	ref := reference{Organizer: segments[0]}
	if len(segments) > 1 && slug.MatchString(segments[1]) && !reserved(segments[1]) {
		ref.Event = segments[1]
	}
	return ref
}

func match(pattern, segments []string) (reference, bool) {
	if len(segments) < len(pattern) {
		return reference{}, false
	}
	var ref reference
	for i, want := range pattern {
		switch {
		case want == "{organizer}" && slug.MatchString(segments[i]):
			ref.Organizer = segments[i]
		case want == "{event}" && slug.MatchString(segments[i]):
			ref.Event = segments[i]
		case !strings.EqualFold(want, segments[i]):
			return reference{}, false
		}
	}
	return ref, true
}

// hostOf is the host in lower case, with a port only where it is not the scheme's own.
func hostOf(at *url.URL) string {
	host, port := strings.TrimSuffix(strings.ToLower(at.Hostname()), "."), at.Port()
	if port == "" || port == "443" && at.Scheme == "https" || port == "80" && at.Scheme == "http" {
		return host
	}
	return host + ":" + port
}

// asFolder gives the path with one slash at its beginning and one at its end.
func asFolder(path string) string {
	path = strings.Trim(path, "/")
	if path == "" {
		return "/"
	}
	return "/" + path + "/"
}
