package pretixconn

import (
	"reflect"
	"testing"

	"matrix-pretix/pretixconn/api"
)

func TestAQuestionCoversWhatItIsAskedForAndWhatIsAddedToThat(t *testing.T) {
	const extras = 9
	seat := api.Item{ID: talk, Active: true, AddOns: []api.AddOn{{Category: extras}}, Bundles: []api.Bundle{{Item: shirt}}}
	alone := api.Item{ID: talk, Active: true}
	past := seat
	past.Active = false
	aShirt, knots := api.Item{ID: shirt, Active: true}, api.Item{ID: workshop, Active: true, Category: extras}
	for claim, c := range map[string]struct {
		asked, products []int64
		items           []api.Item
		want            Coverage
	}{
		"asked":                                {[]int64{talk}, []int64{talk}, []api.Item{seat, knots}, Coverage{}},
		"an add-on of what is asked":           {[]int64{talk}, []int64{workshop}, []api.Item{seat, knots}, Coverage{Added: []int64{workshop}}},
		"what comes with what is asked":        {[]int64{talk}, []int64{shirt}, []api.Item{seat, aShirt}, Coverage{Added: []int64{shirt}}},
		"neither asked nor added":              {[]int64{talk}, []int64{talk, workshop}, []api.Item{alone, knots}, Coverage{Unasked: []int64{workshop}}},
		"an add-on of what is not asked":       {nil, []int64{workshop}, []api.Item{seat, knots}, Coverage{Unasked: []int64{workshop}}},
		"an add-on of what is not sold":        {[]int64{talk}, []int64{workshop}, []api.Item{past, knots}, Coverage{Unasked: []int64{workshop}}},
		"no category is none in common":        {[]int64{talk}, []int64{shirt}, []api.Item{{ID: talk, Active: true, AddOns: []api.AddOn{{}}}, aShirt}, Coverage{Unasked: []int64{shirt}}},
		"every ticket, and one is asked":       {[]int64{talk}, nil, []api.Item{seat, aShirt}, Coverage{}},
		"every ticket, and none is asked":      {nil, nil, []api.Item{seat, aShirt}, Coverage{Nothing: true}},
		"every ticket, asked is what was sold": {[]int64{talk}, nil, []api.Item{past, aShirt}, Coverage{Nothing: true}},
		"a product that is gone":               {[]int64{talk}, []int64{77}, []api.Item{seat}, Coverage{}},
		"products that could not be read":      {nil, []int64{talk}, nil, Coverage{}},
	} {
		if got := CoverageOf(api.Question{Items: c.asked}, c.products, c.items); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: CoverageOf = %+v, want %+v", claim, got, c.want)
		}
	}
}
