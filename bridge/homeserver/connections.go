package homeserver

import (
	"net/http"
	"time"
)

const (
	// connectionsKept is how many connections to the homeserver stay open while nobody uses them: as many as calls are made at once.
	// Go keeps two, and a homeserver has more work with a new connection than with many a question.
	connectionsKept = 32
	// connectionAge ends those that nobody uses, before proxies do it at the moment of the next call.
	connectionAge = 30 * time.Second
)

// keepConnections makes the framework's client use its connections again.
func keepConnections(client *http.Client) {
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	if transport, ok := client.Transport.(*http.Transport); ok { // also the framework's own, for a Unix socket
		transport = transport.Clone()
		transport.MaxIdleConnsPerHost, transport.IdleConnTimeout = connectionsKept, connectionAge
		client.Transport = transport
	}
}
