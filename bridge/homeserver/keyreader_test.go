package homeserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/id"
)

// syncing is a homeserver that answers syncs, and the framework's encryption that gets the answers.
type syncing struct {
	matrix.Crypto
	client *mautrix.Client
	broken error // what making encryption ready ends with

	mu      sync.Mutex
	asked   []string // the since and timeout of each sync
	woken   int      // messages to the bot's own device
	wake    chan struct{}
	handled []string // next_batch of each answer that was handed on
	answer  func(n int) (string, int)
}

func newSyncing(t *testing.T) *syncing {
	t.Helper()
	s := &syncing{wake: make(chan struct{}, 1)}
	client, err := mautrix.NewClient("http://example.org", "@bot:example.org", "token")
	if err != nil {
		t.Fatal(err)
	}
	client.Client = &http.Client{Transport: s}
	client.Store, client.Syncer = mautrix.NewMemorySyncStore(), s
	s.client = client
	return s
}

func (s *syncing) Client() *mautrix.Client { return s.client }
func (s *syncing) Stop()                   {}

func (s *syncing) GetFilterJSON(id.UserID) *mautrix.Filter { return &mautrix.Filter{} }

func (s *syncing) OnFailedSync(*mautrix.RespSync, error) (time.Duration, error) {
	return 0, errors.New("not for us")
}

func (s *syncing) ProcessResponse(_ context.Context, resp *mautrix.RespSync, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handled = append(s.handled, resp.NextBatch)
	return nil
}

// RoundTrip answers a sync when its time is up or there is a message for the device, or at once with what the test wants it to say.
func (s *syncing) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/sendToDevice/m.dummy/") {
		s.mu.Lock()
		s.woken++
		s.mu.Unlock()
		s.wake <- struct{}{}
		return says(r, "{}", http.StatusOK), nil
	}
	query := r.URL.Query()
	s.mu.Lock()
	s.asked = append(s.asked, query.Get("since")+" "+query.Get("timeout"))
	text, status := s.answer(len(s.asked))
	s.mu.Unlock()
	if status == 0 {
		wait, _ := time.ParseDuration(query.Get("timeout") + "ms")
		select {
		case <-time.After(wait):
		case <-s.wake:
		case <-r.Context().Done():
			return nil, &url.Error{Op: "Get", URL: "http://example.org", Err: r.Context().Err()}
		}
		text, status = `{"next_batch":"quiet"}`, http.StatusOK
	}
	return says(r, text, status), nil
}

func says(r *http.Request, text string, status int) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r,
	}
}

// past is what has happened so far.
func (s *syncing) past() (asked, handled []string, woken int) {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked), slices.Clone(s.handled), s.woken
}

// nothing is no news until the time is up.
func nothing(int) (string, int) { return "", 0 }

// withKeyReader runs a test with a reader at work.
func withKeyReader(t *testing.T, answer func(n int) (string, int), test func(s *syncing, p *pace)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, p := newSyncing(t), newPace(time.Now)
		s.answer = answer
		k := newKeyReader(s, p, zap.NewNop())
		go k.Start()
		synctest.Wait()
		test(s, p)
		k.Stop()
	})
}

func TestKeysAreReadOnFromWhereTheyWereHandedOn(t *testing.T) {
	answers := map[int]string{2: `{"next_batch":"key"}`, 3: `{"errcode":"M_UNKNOWN"}`}
	status := map[int]int{2: http.StatusOK, 3: http.StatusInternalServerError}
	withKeyReader(t, func(n int) (string, int) { return answers[n], status[n] }, func(s *syncing, _ *pace) {
		time.Sleep(readAgain + time.Second)
		got, handled, _ := s.past()
		if want := []string{" 0", "quiet 30000", "key 30000", "key 0", "quiet 30000"}; !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
		if want := []string{"quiet", "key", "quiet"}; !slices.Equal(handled, want) {
			t.Errorf("handed on %v, want %v", handled, want)
		}
	})
}

func TestBatchIsNotSlowedByASyncThatWaits(t *testing.T) {
	withKeyReader(t, nothing, func(s *syncing, p *pace) {
		for range 300 { // an invite each 30 ms for nine seconds
			p.note()
			time.Sleep(30 * time.Millisecond)
		}
		asked, _, woken := s.past()
		if woken != 1 {
			t.Errorf("%d waiting syncs were ended, want the one", woken)
		}
		short := 0
		for _, asked := range asked[2:] {
			if strings.HasSuffix(asked, " 0") {
				short++
			}
		}
		if short < 2 || short > 4 || len(asked) != short+2 {
			t.Errorf("asked %v, want each three seconds without waiting", asked)
		}
		time.Sleep(5 * time.Second)
		asked, _, woken = s.past()
		if last := asked[len(asked)-1]; last != "quiet 30000" || woken != 1 {
			t.Errorf("after the batch it asks %q, and %d syncs were ended, want it to wait again and be left alone", last, woken)
		}
	})
}

func TestFewBuyersAreNoRush(t *testing.T) {
	withKeyReader(t, nothing, func(s *syncing, p *pace) {
		for range 40 {
			p.note()
			time.Sleep(300 * time.Millisecond)
		}
		if asked, _, woken := s.past(); woken != 0 || len(asked) != 2 {
			t.Errorf("asked %v and ended %d, want one long sync", asked, woken)
		}
	})
}

func TestReadingEndsWithItsReasonWhenItCannotSucceedAnyMore(t *testing.T) {
	for code, want := range map[string]error{
		"M_UNKNOWN_DEVICE": ErrDeviceGone, "M_UNKNOWN_TOKEN": ErrTokenGone, "M_UNKNOWN": nil, "M_LIMIT_EXCEEDED": nil,
	} {
		answer := func(int) (string, int) { return `{"errcode":"` + code + `"}`, http.StatusUnauthorized }
		synctest.Test(t, func(t *testing.T) {
			s := newSyncing(t)
			s.answer = answer
			k := newKeyReader(s, newPace(time.Now), zap.NewNop())
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			go k.Start()
			got := (&Server{keys: k}).Run(ctx)
			if asked, _, _ := s.past(); !errors.Is(got, want) || (want != nil) != (len(asked) == 1) {
				t.Errorf("%s: got %v after %d tries, want %v", code, got, len(asked), want)
			}
			k.Stop()
		})
	}
}

// brokenStore is a database that cannot say how far keys were read.
type brokenStore struct{ *mautrix.MemorySyncStore }

func (brokenStore) LoadNextBatch(context.Context, id.UserID) (string, error) {
	return "", errors.New("the database restarts")
}

func TestDatabaseIsNotTakenForTheHomeserver(t *testing.T) {
	s := newSyncing(t)
	s.client.Store = brokenStore{mautrix.NewMemorySyncStore()}
	err := newKeyReader(s, newPace(time.Now), zap.NewNop()).read(t.Context())
	if err == nil || errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "the database restarts") {
		t.Errorf("got %v, want the database's own reason", err)
	}
}

func (s *syncing) Init(context.Context) error { return s.broken }

func TestEncryptionIsAwaitedUntilItIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSyncing(t)
		k := newKeyReader(s, newPace(time.Now), zap.NewNop())
		waited := make(chan error, 1)
		go func() { waited <- k.await(t.Context()) }()
		s.broken = errors.New("not yet")
		if err := k.Init(t.Context()); err == nil {
			t.Error("it was made ready although that failed")
		}
		synctest.Wait()
		select {
		case err := <-waited:
			t.Fatalf("it waited no longer: %v", err)
		default:
		}
		s.broken = nil
		if err := k.Init(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-waited; err != nil {
			t.Errorf("got %v, want it ready", err)
		}
	})
}
