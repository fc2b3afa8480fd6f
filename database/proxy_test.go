package database

import (
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"go.mau.fi/util/dbutil"
)

// proxy stands between us and a Postgres, and can cease to pass anything on while its connections stay open.
type proxy struct {
	config   dbutil.PoolConfig
	swallows atomic.Bool
}

func startProxy(t *testing.T, cfg dbutil.PoolConfig) *proxy {
	t.Helper()
	uri, err := url.Parse(cfg.URI)
	if err != nil {
		t.Fatal(err)
	}
	server := uri.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	uri.Host = listener.Addr().String()
	p := &proxy{config: dbutil.PoolConfig{Type: cfg.Type, URI: uri.String()}}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = client.Close() })
			upstream, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				return
			}
			t.Cleanup(func() { _ = upstream.Close() })
			go p.pass(client, upstream)
			go p.pass(upstream, client)
		}
	}()
	return p
}

func (p *proxy) swallow() { p.swallows.Store(true) }

func (p *proxy) pass(from io.Reader, to io.Writer) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if p.swallows.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
