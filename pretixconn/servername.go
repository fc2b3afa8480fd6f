package pretixconn

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// ServerName gives the name of a Matrix server as it stands in user IDs: lower case, names of other scripts in their ASCII form, a
// port where one was typed. It accepts what the specification's grammar allows and a resolver could find: a domain name, an IPv4
// address, an IPv6 address in brackets.
func ServerName(typed string) (string, bool) {
	host, port := strings.ToLower(typed), ""
	if end := strings.LastIndexByte(host, ':'); end > strings.LastIndexByte(host, ']') {
		host, port = host[:end], host[end:]
		if n, err := strconv.ParseUint(port[1:], 10, 16); err != nil || n == 0 || len(port) > len(":65535") {
			return "", false
		}
	}
	if strings.HasPrefix(host, "[") {
		literal, ok := strings.CutSuffix(host[1:], "]")
		at, err := netip.ParseAddr(literal)
		return host + port, ok && err == nil && at.Is6() && at.Zone() == ""
	}
	host, ok := domainName(strings.TrimSuffix(host, "."))
	return host + port, ok
}

// domainName checks a domain name or IPv4 address in lower case.
func domainName(host string) (string, bool) {
	if !isASCII(host) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", false
		}
		host = ascii
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInDomain) {
			return "", false
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") != "" {
		return host, true
	}
	at, err := netip.ParseAddr(host)
	return host, err == nil && at.Is4()
}

func notInDomain(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}
