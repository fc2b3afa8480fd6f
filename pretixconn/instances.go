package pretixconn

import (
	"net/url"
	"strings"
)

// Instance is a Pretix server named in the config.
type Instance struct {
	Key string   // short, part of bots' names, for ever
	URL *url.URL // where people reach it and its API is; may have a path
}

// Title says for people which of the instances it is: by its host, or where others share that, by its key and its whole address.
func (i Instance) Title(among []Instance) string {
	for _, other := range among {
		if other.Key != i.Key && hostOf(other.URL) == hostOf(i.URL) {
			return i.Key + " (" + i.URL.Host + strings.TrimRight(i.URL.Path, "/") + ")"
		}
	}
	return i.URL.Host
}

// instanceAt finds the instance that an address leads to: the one with the longest path where several share a host. Below is the
// path from there on.
func instanceAt(instances []Instance, at *url.URL) (found Instance, below string, ok bool) {
	path, longest := asFolder(at.Path), 0
	for _, instance := range instances {
		base := asFolder(instance.URL.Path)
		if hostOf(instance.URL) != hostOf(at) || len(path) < len(base) || !strings.EqualFold(path[:len(base)], base) {
			continue
		}
		if len(base) > longest {
			found, below, longest = instance, path[len(base):], len(base)
		}
	}
	return found, below, longest > 0
}

// chooseInstance finds the instance that somebody names by key, host or address. A host alone says enough where it has one instance.
func chooseInstance(instances []Instance, typed string) (Instance, error) {
	typed = strings.TrimSpace(typed)
	for _, instance := range instances {
		if strings.EqualFold(typed, instance.Key) {
			return instance, nil
		}
	}
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	at, err := url.Parse(typed)
	if err != nil || at.Host == "" {
		return Instance{}, ErrUnknownInstance
	}
	if instance, _, ok := instanceAt(instances, at); ok {
		return instance, nil
	}
	var there []Instance
	for _, instance := range instances {
		if hostOf(instance.URL) == hostOf(at) {
			there = append(there, instance)
		}
	}
	if len(there) != 1 || asFolder(at.Path) != "/" {
		return Instance{}, ErrUnknownInstance
	}
	return there[0], nil
}
