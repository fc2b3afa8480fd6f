package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

func TestOldInstanceGetsAWebhookForWhatItKnows(t *testing.T) {
	var asked [][]string
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var wanted Webhook
		if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
			t.Error(err)
		}
		asked = append(asked, wanted.ActionTypes)
		if slices.Contains(wanted.ActionTypes, "pretix.event.order.expirychanged") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":7,"enabled":true}`)
	})
	created, err := client.CreateWebhook(t.Context(), "lab", "https://bridge.example.org/", "")
	if err != nil || created.ID != 7 || len(asked) != 2 {
		t.Errorf("got %+v, %v after %d requests; want webhook 7 after 2", created, err, len(asked))
	}
}

func TestWebhookThatIsRefusedForAnotherReasonIsRefused(t *testing.T) {
	for status, requests := range map[int]int{400: 2, 403: 1, 500: 1} {
		asked := 0
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked++; refuse(w, status) })
		_, err := client.CreateWebhook(t.Context(), "lab", "https://bridge.example.org/", "")
		if !only(err, kindOf(status)) || asked != requests {
			t.Errorf("status %d: %v after %d requests, want %v after %d", status, err, asked, kindOf(status), requests)
		}
	}
}
