package typed

import (
	"testing"

	"matrix-pretix/pretixconn/api"
)

var shop = []api.Item{
	{ID: 1, Name: api.Text{"en": "Ticket", "de": "Karte"}, Variations: []api.Variation{{ID: 11, Value: api.Text{"en": "Regular"}}, {ID: 12, Value: api.Text{"en": "Student"}}}},
	{ID: 2, Name: api.Text{"en": "Online ticket"}},
	{ID: 3, Name: api.Text{"en": "Workshop"}, InternalName: "ws-1"},
	{ID: 4, Name: api.Text{"en": "Workshop evening"}},
}

func TestProductsAreNamedWithOrWithoutQuotes(t *testing.T) {
	for _, tc := range []struct {
		words string
		want  int64
		rest  string
	}{
		{"Ticket", 1, ""},
		{"Ticket Student", 1, "Student"},
		{"karte", 1, ""},
		{"Online ticket", 2, ""},
		{"online", 2, ""},
		{"2", 2, ""},
		{"#3", 3, ""},
		{"ws-1", 3, ""},
		{"1 12", 1, "12"},
		{"Workshop evening", 4, ""},
		{`"Workshop" evening`, 3, "evening"},
		{`Workshop "evening"`, 3, "evening"},
		{`"Workshop evening"`, 4, ""},
		{`"Online" ticket`, 2, "ticket"},
	} {
		found, rest := Item(splitWords(tc.words), shop)
		if len(found) != 1 || found[0].ID != tc.want || Joined(rest) != tc.rest {
			t.Errorf("Item(%q) = %v, rest %q; want item %d, rest %q", tc.words, found, Joined(rest), tc.want, tc.rest)
		}
	}
	if found, _ := Item(splitWords("T-shirt"), shop); len(found) != 0 {
		t.Errorf("T-shirt is %v, want nothing", found)
	}
}
