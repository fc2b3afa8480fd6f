package typed

import "testing"

func TestPickFindsWhatPeopleType(t *testing.T) {
	items := []Choice{
		{1, []string{"Ticket", "Eintrittskarte"}},
		{2, []string{"Online ticket", "Online-Karte"}},
		{3, []string{"Workshop"}},
		{4, []string{"Workshop evening"}},
		{2026, []string{"Old 3"}},
	}
	for _, tc := range []struct {
		text string
		want []int64
	}{
		{"3", []int64{3}},
		{"#2", []int64{2}},
		{"ticket", []int64{1}},
		{"EINTRITTSKARTE", []int64{1}},
		{"online  ticket", []int64{2}},
		{"Workshop", []int64{3}},
		{"work", []int64{3, 4}},
		{"karte", []int64{1, 2}},
		{"evening", []int64{4}},
		{"9", nil},
		{"", nil},
		{"ticket online", nil},
	} {
		var got []int64
		for _, c := range pick(tc.text, items) {
			got = append(got, c.ID)
		}
		if len(got) != len(tc.want) {
			t.Errorf("pick(%q) = %v, want %v", tc.text, got, tc.want)
			continue
		}
		for i := range got {
			if got[i] != tc.want[i] {
				t.Errorf("pick(%q) = %v, want %v", tc.text, got, tc.want)
			}
		}
	}
}
