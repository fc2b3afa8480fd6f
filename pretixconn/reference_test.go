package pretixconn

import (
	"net/url"
	"strings"
	"testing"
)

func instanceOf(key, address string) Instance {
	at, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return Instance{Key: key, URL: at}
}

var testInstances = []Instance{
	instanceOf("eu", "https://pretix.example"),
	instanceOf("own", "https://tickets.example.org/pretix/"),
	instanceOf("deep", "https://tickets.example.org/pretix/second"),
	instanceOf("lab", "http://127.0.0.1:8345"),
	instanceOf("port", "https://pretix.example:8443"),
}

func TestReferenceIsReadFromWhatPeoplePaste(t *testing.T) {
	conf := reference{Instance: "eu", Organizer: "lab", Event: "conf"}
	slugs := reference{Organizer: "lab", Event: "conf"}
	for text, want := range map[string]reference{
		// the shop
		"https://pretix.example/lab/conf/":                            conf,
		"https://pretix.example/lab/conf":                             conf,
		"http://pretix.example/lab/conf/":                             conf,
		"HTTPS://Pretix.Example/lab/conf/":                            conf,
		"https://pretix.example:443/lab/conf/":                        conf,
		"https://pretix.example./lab/conf/":                           conf,
		"https://pretix.example//lab/conf":                            conf,
		"https://pretix.example/lab/conf/?voucher=ABC&locale=de":      conf,
		"https://pretix.example/lab/conf/#tab":                        conf,
		"https://pretix.example/lab/conf/redeem?voucher=ABC":          conf,
		"https://pretix.example/lab/conf/locale/set?locale=de&next=/": conf,
		"https://pretix.example/lab/conf/17/":                         conf,
		"https://pretix.example/lab/conf/order/ABCDE/secret/":         conf,
		"https://pretix.example/lab/conf/widget/v1.css":               conf,
		"https://user:word@pretix.example/lab/conf/":                  conf,
		"https://pretix.example/Lab/CONF/":                            {Instance: "eu", Organizer: "Lab", Event: "CONF"},
		"https://pretix.example/lab.org/conf-2027.de/":                {Instance: "eu", Organizer: "lab.org", Event: "conf-2027.de"},
		"https://pretix.example/lab/":                                 {Instance: "eu", Organizer: "lab"},
		"https://pretix.example/lab":                                  {Instance: "eu", Organizer: "lab"},
		"https://pretix.example/lab/widget/product_list":              {Instance: "eu", Organizer: "lab"},
		"https://pretix.example/":                                     {},
		"https://pretix.example":                                      {},
		"https://pretix.example/control/":                             {},
		"https://pretix.example/static/x/y":                           {},
		"https://pretix.example/redirect/?url=https://x.example/":     {},

		// without the scheme
		"pretix.example/lab/conf":             conf,
		"pretix.example/lab/conf/?a=b":        conf,
		"Pretix.Example/lab/conf/":            conf,
		"pretix.example:8443/lab/conf":        {Instance: "port", Organizer: "lab", Event: "conf"},
		"tickets.example.org/pretix/lab/conf": {Instance: "own", Organizer: "lab", Event: "conf"},
		"pretix.example/lab":                  {Instance: "eu", Organizer: "lab"},

		// other instances
		"http://127.0.0.1:8345/lab/conf/":                            {Instance: "lab", Organizer: "lab", Event: "conf"},
		"http://127.0.0.1:8346/lab/conf/":                            {Host: "127.0.0.1:8346", Path: "/lab/conf/"},
		"https://tickets.example.org/pretix/lab/conf/":               {Instance: "own", Organizer: "lab", Event: "conf"},
		"https://tickets.example.org/Pretix/lab/conf/":               {Instance: "own", Organizer: "lab", Event: "conf"},
		"https://tickets.example.org/pretix/second/lab/conf/":        {Instance: "deep", Organizer: "lab", Event: "conf"},
		"https://tickets.example.org/pretixx/lab/conf/":              {Host: "tickets.example.org", Path: "/pretixx/lab/conf/"},
		"https://tickets.example.org/pretix/control/event/lab/conf/": {Instance: "own", Organizer: "lab", Event: "conf"},

		// backend and API
		"https://pretix.example/control/event/lab/conf/":                   conf,
		"https://pretix.example/control/event/lab/conf":                    conf,
		"https://pretix.example/control/event/lab/conf/orders/ABCDE/":      conf,
		"https://pretix.example/control/event/lab/conf/questions/?x=1":     conf,
		"https://pretix.example/Control/Event/lab/conf/":                   conf,
		"https://pretix.example/control/organizer/lab/":                    {Instance: "eu", Organizer: "lab"},
		"https://pretix.example/control/organizer/lab/teams":               {Instance: "eu", Organizer: "lab"},
		"https://pretix.example/control/event/lab/":                        {},
		"https://pretix.example/api/v1/organizers/lab/events/conf/orders/": conf,
		"https://pretix.example/api/v1/organizers/lab/":                    {Instance: "eu", Organizer: "lab"},

		// slugs
		"lab/conf":     slugs,
		"lab/conf/":    slugs,
		"/lab/conf/":   slugs,
		" lab/conf ":   slugs,
		"“lab/conf”":   slugs,
		"Lab/Conf":     {Organizer: "Lab", Event: "Conf"},
		"conf":         {Event: "conf"},
		"conf.":        {Event: "conf"},
		"`conf`":       {Event: "conf"},
		"conf-2027":    {Event: "conf-2027"},
		"conf.2027":    {Event: "conf.2027", Host: "conf.2027", Path: "/"},
		"2027":         {Event: "2027"},
		"lab.org/conf": {Organizer: "lab.org", Event: "conf", Host: "lab.org", Path: "/conf/"},

		// domains of organizers
		"https://shop.example.org/":          {Host: "shop.example.org", Path: "/"},
		"https://Shop.Example.org/Conf/?x=1": {Host: "shop.example.org", Path: "/Conf/"},
		"https://shop.example.org:444/conf/": {Host: "shop.example.org:444", Path: "/conf/"},
		"shop.example.org/conf/redeem":       {Host: "shop.example.org", Path: "/conf/redeem/"},
		"shop.example.org:444":               {Host: "shop.example.org:444", Path: "/"},
		"shop.example.org":                   {Event: "shop.example.org", Host: "shop.example.org", Path: "/"},

		// as it comes along
		"<https://pretix.example/lab/conf/>":                  conf,
		"[Conf](https://pretix.example/lab/conf/)":            conf,
		`<a href="https://pretix.example/lab/conf/">Conf</a>`: conf,
		"**https://pretix.example/lab/conf/**":                conf,
		"\"https://pretix.example/lab/conf/\"":                conf,
		"https://pretix.example/lab/conf/.":                   conf,
		"https://pretix.example/lab/conf.":                    conf,
		"https://pretix.example/lab/conf),":                   conf,
		"our shop is https://pretix.example/lab/conf/, come!": conf,
		"\u200bhttps://pretix.example/lab/conf/\u00a0":        conf,
		"https://pretix.example/l%61b/conf/":                  conf,

		// what it cannot be
		"":                                      {},
		"...":                                   {},
		"a b":                                   {},
		"a/b/c":                                 {},
		"lab/c onf":                             {},
		"../conf":                               {},
		"lab_x/conf":                            {},
		"#room:example.org":                     {},
		"https://":                              {},
		"https://pretix.example/lab_x/conf/":    {},
		"https://pretix.example/..%2F..%2Fx/y/": {},
		"lab\x00/conf":                          {},
		strings.Repeat("a", maxReference+1):     {},
	} {
		if got := parseReference(text, testInstances); got != want {
			t.Errorf("parseReference(%.80q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestReferenceMatchesTheEventsItCanMean(t *testing.T) {
	const shop, own = "https://pretix.example/lab/conf/", "https://shop.example.org/conf/"
	for name, c := range map[string]struct {
		ref                                   reference
		instance, organizer, event, publicURL string
		want                                  bool
	}{
		"whole":                         {reference{Instance: "eu", Organizer: "lab", Event: "conf"}, "eu", "lab", "conf", shop, true},
		"capitals":                      {reference{Instance: "eu", Organizer: "LAB", Event: "Conf"}, "eu", "lab", "conf", shop, true},
		"another instance":              {reference{Instance: "us", Organizer: "lab", Event: "conf"}, "eu", "lab", "conf", shop, false},
		"another organizer":             {reference{Organizer: "other", Event: "conf"}, "eu", "lab", "conf", shop, false},
		"another event":                 {reference{Organizer: "lab", Event: "conf2"}, "eu", "lab", "conf", shop, false},
		"event alone":                   {reference{Event: "conf"}, "eu", "lab", "conf", shop, true},
		"organizer alone":               {reference{Instance: "eu", Organizer: "lab"}, "eu", "lab", "conf", shop, true},
		"nothing":                       {reference{}, "eu", "lab", "conf", shop, false},
		"own domain":                    {reference{Host: "shop.example.org", Path: "/conf/"}, "eu", "lab", "conf", own, true},
		"own domain, page below":        {reference{Host: "shop.example.org", Path: "/Conf/redeem/"}, "eu", "lab", "conf", own, true},
		"own domain, another event":     {reference{Host: "shop.example.org", Path: "/conf2/"}, "eu", "lab", "conf", own, false},
		"own domain, not the event":     {reference{Host: "shop.example.org", Path: "/"}, "eu", "lab", "conf", own, false},
		"domain of the event":           {reference{Host: "conf.example.org", Path: "/x/"}, "eu", "lab", "conf", "https://conf.example.org/", true},
		"domain with its port":          {reference{Host: "conf.example.org", Path: "/"}, "eu", "lab", "conf", "https://conf.example.org:443/", true},
		"another port":                  {reference{Host: "conf.example.org:444", Path: "/"}, "eu", "lab", "conf", "https://conf.example.org/", false},
		"another domain":                {reference{Host: "conf.example.com", Path: "/"}, "eu", "lab", "conf", "https://conf.example.org/", false},
		"slug that looks like a domain": {reference{Event: "conf.2027", Host: "conf.2027", Path: "/"}, "eu", "lab", "conf.2027", shop, true},
		"no public URL":                 {reference{Host: "conf.example.org", Path: "/"}, "eu", "lab", "conf", "", false},
		"a public URL that is none":     {reference{Host: "conf.example.org", Path: "/"}, "eu", "lab", "conf", "://", false},
	} {
		if got := c.ref.matches(c.instance, c.organizer, c.event, c.publicURL); got != c.want {
			t.Errorf("%s: Matches = %v, want %v", name, got, c.want)
		}
	}
}

// FuzzParseReference holds that slugs are slugs, that an instance is one of ours, and that a host is given with its path.
func FuzzParseReference(f *testing.F) {
	for _, seed := range []string{
		"https://pretix.example/lab/conf/?voucher=x", "lab/conf", "conf", "[x](https://tickets.example.org/pretix/lab/conf)", "shop.example.org:444/conf",
		"http://127.0.0.1:8345/control/event/lab/conf/", "<https://[::1]:80/a/b>", "https://pretix.example/%2e%2e/x", "https://pretix.example:x/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref := parseReference(text, testInstances)
		for _, part := range []string{ref.Organizer, ref.Event} {
			if part != "" && !slug.MatchString(part) {
				t.Fatalf("parseReference(%q) = %+v, where %q is no slug", text, ref, part)
			}
		}
		if (ref.Host == "") != (ref.Path == "") || ref.Host != "" && ref.Instance != "" || ref.Instance != "" && ref.Organizer == "" {
			t.Fatalf("parseReference(%q) = %+v, whose parts do not go together", text, ref)
		}
		if !ref.isZero() && ref.Host == "" && !ref.matches(orElse(ref.Instance, "eu"), orElse(ref.Organizer, "o"), orElse(ref.Event, "e"), "") {
			t.Fatalf("parseReference(%q) = %+v, which does not match itself", text, ref)
		}
	})
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
