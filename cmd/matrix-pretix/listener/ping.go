package listener

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// ExpectPing returns a channel that receives when the homeserver's ping with that transaction ID arrives here. That somebody
// answered a ping does not prove it was us: something else may listen where the registration points to.
func (s *Server) ExpectPing(transaction string) <-chan struct{} {
	arrived := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pings[transaction] = arrived
	return arrived
}

// ForgetPing ends an expectation.
func (s *Server) ForgetPing(transaction string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pings, transaction)
}

// ping answers the homeserver's ping, as mautrix does. It is here so that it works before mautrix has been started.
func (s *Server) ping(w http.ResponseWriter, r *http.Request, hsToken string) {
	if r.Method != http.MethodPost {
		answer(w, http.StatusMethodNotAllowed, `{"errcode":"M_UNRECOGNIZED","error":"POST is expected"}`)
		return
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(hsToken)) != 1 {
		answer(w, http.StatusForbidden, `{"errcode":"M_FORBIDDEN","error":"`+WrongToken+`"}`)
		return
	}
	var body struct {
		Transaction string `json:"transaction_id"`
	}
	text, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(text, &body) != nil {
		answer(w, http.StatusBadRequest, `{"errcode":"M_NOT_JSON","error":"The body is not JSON"}`)
		return
	}
	s.mu.Lock()
	if arrived, ok := s.pings[body.Transaction]; ok {
		select {
		case arrived <- struct{}{}:
		default:
		}
	}
	s.mu.Unlock()
	s.pinged()
	answer(w, http.StatusOK, "{}")
}

// WrongToken is what this server, and no other, answers to a ping with another hs_token than the config's. The homeserver
// passes it on to whoever asked for the ping.
const WrongToken = "matrix-pretix has another hs_token"
