package parts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// HTTPError is an answer of Synapse or Pretix that is not a success.
type HTTPError struct {
	Method, URL string
	Status      int
	// ErrCode is Matrix's, if the answer has one.
	ErrCode string
	Body    string
}

func (e *HTTPError) Error() string {
	return fmt.Sprintf("%s %s: status %d: %.400s", e.Method, e.URL, e.Status, e.Body)
}

// direct returns the environment for a server that has to reach the others on this machine: without, where a proxy leads out of it,
// Synapse and Pretix would ask that for the bridge.
func direct(env []string) []string {
	return append(env, "no_proxy=127.0.0.1,localhost", "NO_PROXY=127.0.0.1,localhost")
}

// client keeps a connection per test that runs at once. A webhook or an invite may take its time.
var client = &http.Client{
	Timeout:   5 * time.Minute,
	Transport: &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Second},
}

// call sends body as JSON and decodes the answer's JSON into the value that into points to; either may be nil.
func call(ctx context.Context, method, url string, header http.Header, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the body for %s: %w", url, err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	if header != nil {
		req.Header = header
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the lab: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if resp.StatusCode >= 300 {
		failure := &HTTPError{Method: method, URL: url, Status: resp.StatusCode, Body: string(text)}
		var matrix struct {
			ErrCode string `json:"errcode"`
		}
		_ = json.Unmarshal(text, &matrix) // Pretix's answers have no such field
		failure.ErrCode = matrix.ErrCode
		return failure
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("decode the answer of %s: %w", url, err)
	}
	return nil
}
