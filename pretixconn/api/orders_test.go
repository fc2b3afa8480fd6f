package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"
)

func TestOrderIsDecodedWithZeroForNull(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"code":"ABCDE","event":"conf","status":"n","testmode":true,"require_approval":true,"valid_if_pending":true,
			"last_modified":"2027-01-24T12:00:00.123456Z","email":"ada@example.org","positions":[
			{"id":3,"item":1,"variation":2,"addon_to":null,"subevent":4,"answers":[],"canceled":true,
			 "valid_from":"2027-01-24T13:00:00+01:00","valid_until":"2027-01-25T12:00:00Z","blocked":["api:lost"]},
			{"id":4,"item":5,"variation":null,"addon_to":3,"subevent":null,"answers":null,"canceled":false,
			 "valid_from":null,"valid_until":null,"blocked":null}]}`)
	})
	got, err := client.Order(t.Context(), "lab", "conf", "ABCDE")
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Positions {
		got.Positions[i].ValidFrom = got.Positions[i].ValidFrom.UTC()
		got.Positions[i].Answers = nil
	}
	want := Order{
		Event: "conf", Code: "ABCDE", Status: StatusPending, Testmode: true, RequireApproval: true, ValidIfPending: true,
		LastModified: shopOpened.Add(123456 * time.Microsecond),
		Positions: []Position{
			{ID: 3, Item: 1, Variation: 2, Subevent: 4, Canceled: true, Blocked: true, ValidFrom: shopOpened, ValidUntil: shopOpened.AddDate(0, 0, 1)},
			{ID: 4, Item: 5, AddonTo: 3},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, want %+v", got, want)
	}
}

func TestPositionIsBlockedByAnyReason(t *testing.T) {
	for raw, want := range map[string]bool{
		`{}`: false, `{"blocked":null}`: false, `{"blocked":[]}`: false, `{"blocked":false}`: false, `{"blocked":""}`: false,
		`{"blocked":["admin"]}`: true, `{"blocked":true}`: true, `{"blocked":"admin"}`: true, `{"blocked":{"by":"x"}}`: true,
	} {
		p := Position{Blocked: !want}
		if err := json.Unmarshal([]byte(raw), &p); err != nil || p.Blocked != want {
			t.Errorf("%s: blocked %v, %v; want %v", raw, p.Blocked, err, want)
		}
	}
	var p Position
	if err := json.Unmarshal([]byte(`{"id":"x"}`), &p); err == nil {
		t.Error("a position with a word for an ID was decoded without an error")
	}
}

// FuzzOrder holds that no answer of a server makes the decoder fall, and that a position once read is read again the same.
func FuzzOrder(f *testing.F) {
	for _, seed := range []string{`{"code":"A","positions":[{"id":1,"blocked":["x"],"answers":[{"question":1}]}]}`, `{"positions":null}`, `[]`, `{"last_modified":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var order, again Order
		if json.Unmarshal(raw, &order) != nil {
			return
		}
		order.keepAnswers([]QuestionRef{{ID: 1, Identifier: "matrix"}})
		for _, p := range order.Positions {
			for _, a := range p.Answers {
				if a.Question != 1 && a.QuestionIdentifier != "matrix" {
					t.Fatalf("%q: an answer to question %d was kept", raw, a.Question)
				}
			}
		}
		text, err := json.Marshal(order)
		if err != nil {
			return // a time beyond what JSON can say
		}
		if err := json.Unmarshal(text, &again); err != nil || len(again.Positions) != len(order.Positions) {
			t.Fatalf("%q: %s is read as %+v, %v", raw, text, again, err)
		}
	})
}
