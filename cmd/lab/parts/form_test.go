package parts

import (
	"net/url"
	"reflect"
	"testing"
)

func TestFormSendsWhatABrowserWouldSend(t *testing.T) {
	const page = `<form method="post" action="/cart/add?next=/a&amp;b=1">
		<input type="hidden" name="token" value="a&quot;b">
		<input name='seen' value=7><input type="checkbox" name="off" value="1"><input type="checkbox" name="on" value="1" checked>
		<input type="radio" name="pay" value="card"><input type="radio" name="pay" value="cash" checked="checked">
		<select name="size"><option value="s">S</option><option value="m" selected>M</option></select>
		<textarea name="text">
hello &amp; goodbye</textarea><input type="file" name="file"><button name="go" value="1">Go</button>
	</form><form><input name="other" title="a > b" value="x"></form>`
	got := forms(page)
	if len(got) != 2 {
		t.Fatalf("got %d forms, want 2", len(got))
	}
	if got[0].action != "/cart/add?next=/a&b=1" || got[0].method != "POST" {
		t.Errorf("got %s %s", got[0].method, got[0].action)
	}
	want := url.Values{
		"token": {`a"b`}, "seen": {"7"}, "on": {"1"}, "pay": {"cash"}, "size": {"m"}, "text": {"hello & goodbye"},
	}
	if !reflect.DeepEqual(got[0].values, want) {
		t.Errorf("got %v, want %v", got[0].values, want)
	}
	if want := (url.Values{"other": {"x"}}); !reflect.DeepEqual(got[1].values, want) {
		t.Errorf("got %v, want %v", got[1].values, want)
	}
}

func TestPrefixesAreEachOnceAndInOrder(t *testing.T) {
	names := []string{"email", "12-question_1", "7-question_1", "7-attendee_email", "x-question_1"}
	if got, want := prefixes(names, "", "-"), []int{7, 12}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
