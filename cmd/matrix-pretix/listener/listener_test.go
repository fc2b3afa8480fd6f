package listener

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

const patience = 10 * time.Second

// start returns a server that serves until the test ends.
func start(t *testing.T) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1", 0, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	s.drain = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// told is a handler that answers with its name and how much it could read.
func told(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%s %d %v", name, n, err)
	})
}

func ask(t *testing.T, s *Server, method, path, token string, body io.Reader) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Address()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

func TestGateOpensByStages(t *testing.T) {
	paths := []string{livePath, readyPath, "/_pretix/webhook/x", pingPath, transactionPaths + "1", "/_matrix/app/v1/users/@a:b", "/_matrix/provision/v3/whoami", "/"}
	for _, c := range []struct {
		name string
		open func(s *Server)
		want string
	}{
		{"before", func(*Server) {}, "200 503 503 503 503 503 503 503"},
		{"attached", func(s *Server) { s.Attach("hs", told("matrix"), told("public")) }, "200 200 200 200 503 503 404 404"},
		{"starting", func(s *Server) { s.Attach("hs", told("matrix"), told("public")); s.Starting() }, "200 200 200 200 held 503 404 404"},
		{"accepting", func(s *Server) { s.Attach("hs", told("matrix"), told("public")); s.Accept() }, "200 200 200 200 200 200 404 404"},
		{"detached", func(s *Server) { s.Attach("hs", told("matrix"), told("public")); s.Accept(); s.Detach() }, "200 503 503 503 503 503 503 503"},
		{"accepting too early", func(s *Server) { s.Accept() }, "200 503 503 503 503 503 503 503"},
	} {
		s := start(t)
		c.open(s)
		var got []string
		for _, path := range paths {
			if strings.HasPrefix(path, transactionPaths) && s.state().stage == holding {
				got = append(got, "held") // since the ping
				continue
			}
			status, _ := ask(t, s, http.MethodPost, path, "hs", strings.NewReader("{}"))
			got = append(got, strconv.Itoa(status))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %s", c.name, got, c.want)
		}
	}
}

// untouchable is a body that must not be read.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }
func (u untouchable) Close() error             { return nil }

func TestClosedGateReadsNoBody(t *testing.T) {
	s := newServer()
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPut, transactionPaths+"1", nil)
	request.Body = untouchable{t}
	s.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", recorder.Code)
	}

	// On a real connection the answer comes although the body never does.
	conn, err := net.Dial("tcp", start(t).Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "PUT %s1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n{", transactionPaths, 60<<20)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || !response.Close {
		t.Errorf("got %v, %v, want 503 and the connection closed", response, err)
	}
}

func TestBodiesAreLimited(t *testing.T) {
	s := start(t)
	s.Attach("hs", told("matrix"), told("public"))
	s.Accept()
	for _, c := range []struct {
		path string
		size int
		want string
	}{
		{"/_pretix/webhook/x", 64 << 10, "public 65536 <nil>"},
		{"/_pretix/webhook/x", 64<<10 + 1, "public 65536 http: request body too large"},
		{"/_matrix/app/v1/thirdparty", 64<<10 + 1, "matrix 65536 http: request body too large"},
		{transactionPaths + "1", 1 << 20, "matrix 1048576 <nil>"},
		{transactionPaths + "1", 64<<20 + 1, "matrix 67108864 http: request body too large"},
	} {
		if _, got := ask(t, s, http.MethodPost, c.path, "hs", io.LimitReader(zeros{}, int64(c.size))); got != c.want {
			t.Errorf("%s with %d bytes: got %s, want %s", c.path, c.size, got, c.want)
		}
	}
}

func TestSmallBodyThatDribblesIsNotWaitedFor(t *testing.T) {
	s := start(t)
	s.otherBody = 50 * time.Millisecond
	s.Attach("hs", told("matrix"), told("public"))
	s.Accept()
	for _, path := range []string{"/_pretix/webhook/x", pingPath, "/_matrix/app/v1/users/@a:b"} {
		conn, err := net.Dial("tcp", s.Address())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hs\r\nContent-Length: 1000\r\n\r\n{", path)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: got %v, want an answer before the body is there", path, err)
		} else if text, _ := io.ReadAll(response.Body); path != pingPath && !strings.Contains(string(text), "timeout") {
			t.Errorf("%s: got %s, want a body that was cut", path, text)
		}
		_ = conn.Close()
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestPingIsTakenFromTheHomeserverOnly(t *testing.T) {
	s := start(t)
	s.Attach("hs", told("matrix"), told("public"))
	arrived := s.ExpectPing("t1")
	for _, c := range []struct {
		name, method, token, body string
		want                      int
	}{
		{"other token", http.MethodPost, "other", `{"transaction_id":"t1"}`, 403},
		{"other method", http.MethodPut, "hs", `{"transaction_id":"t1"}`, 405},
		{"no JSON", http.MethodPost, "hs", `t1`, 400},
		{"another's", http.MethodPost, "hs", `{"transaction_id":"t2"}`, 200},
		{"without ID", http.MethodPost, "hs", `{}`, 200},
	} {
		if got, _ := ask(t, s, c.method, pingPath, c.token, strings.NewReader(c.body)); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
		select {
		case <-arrived:
			t.Errorf("%s: it counts as the ping", c.name)
		default:
		}
	}
	for range 2 {
		if got, _ := ask(t, s, http.MethodPost, pingPath, "hs", strings.NewReader(`{"transaction_id":"t1"}`)); got != 200 {
			t.Errorf("got %d, want 200", got)
		}
	}
	select {
	case <-arrived:
	default:
		t.Error("the ping did not arrive")
	}
}

func TestTakenPortIsASentence(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	port := first.Addr().(*net.TCPAddr).Port
	if _, err = Listen("127.0.0.1", port, zap.NewNop()); err == nil || !strings.Contains(err.Error(), "is taken by another program") {
		t.Errorf("got %v", err)
	}
	if _, err = Listen("192.0.2.1", port, zap.NewNop()); err == nil || !strings.Contains(err.Error(), "no network interface") {
		t.Errorf("got %v", err)
	}
}

// inFlight starts a request whose handler has begun, and returns how it ends.
func inFlight(t *testing.T, s *Server, handler http.HandlerFunc) <-chan error {
	t.Helper()
	begun := make(chan struct{})
	s.Attach("hs", told("matrix"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		handler(w, r)
	}))
	ended := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + s.Address() + "/_pretix/x")
		if err == nil {
			err = response.Body.Close()
		}
		ended <- err
	}()
	<-begun
	return ended
}

func TestStopFinishesTheRequestInFlight(t *testing.T) {
	s, err := Listen("127.0.0.1", 0, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	finish := make(chan struct{})
	ended := inFlight(t, s, func(w http.ResponseWriter, _ *http.Request) { <-finish })
	stop()
	// The port is free at once, the request is not cut.
	for {
		if _, err := net.DialTimeout("tcp", s.Address(), time.Second); err != nil {
			break
		}
	}
	select {
	case err := <-ran:
		t.Fatalf("it returned %v before the request had ended", err)
	default:
	}
	close(finish)
	if err := <-ended; err != nil {
		t.Errorf("the request got %v", err)
	}
	if err := <-ran; err != nil {
		t.Errorf("it returned %v", err)
	}
}

func TestStopDoesNotWaitForARequestForEver(t *testing.T) {
	s, err := Listen("127.0.0.1", 0, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	s.drain = 50 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	hang := make(chan struct{})
	defer close(hang)
	ended := inFlight(t, s, func(http.ResponseWriter, *http.Request) { <-hang })
	stop()
	select {
	case err := <-ran:
		if err != nil {
			t.Errorf("it returned %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it still waits")
	}
	if err := <-ended; err == nil {
		t.Error("the request that hung was answered")
	}
}

func TestServerHasTimeouts(t *testing.T) {
	s := start(t).http
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("got %+v", s)
	}
}
