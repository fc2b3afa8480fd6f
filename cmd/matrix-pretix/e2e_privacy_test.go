package main

import (
	"slices"
	"strings"
	"testing"
)

// TestNoPersonAndNoSecretIsStoredOrLogged runs everything that has to do with people at debug level, in a process of its own, and then reads
// every byte that it has left behind.
func TestNoPersonAndNoSecretIsStoredOrLogged(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel() // a good part of it is waiting for a report
			f := &flow{fixture: deploy(t, kind)}
			f.launch()
			f.sellBefore()
			f.connectAndLink()
			f.invite()
			f.comeAndGo()
			f.command()
			f.hearReport()
			secrets := f.secrets()
			f.search(secrets, true)

			f.unlinkSealed()
			f.quit()
			f.launch()
			f.olga.ask(f.direct, "!status "+f.org.Slug+"/conf", "invited")
			f.olga.ask(f.direct, "!logout", "Forgotten")
			f.quit()
			f.search(secrets, false)
		})
	}
}

// secret is a credential and what it is.
type secret struct{ what, text string }

func (f *flow) secrets() []secret {
	f.t.Helper()
	address := f.webhookTarget()
	return []secret{
		{"API token", f.org.Tokens["minimal"]}, {"webhook's secret", address[strings.LastIndex(address, "/")+1:]},
		{"as_token", f.cfg.AppService.ASToken}, {"hs_token", f.cfg.AppService.HSToken},
		{"seal key", f.cfg.Network.SealKey}, {"digest key", f.cfg.Network.DigestKey}, {"pickle key", f.cfg.Encryption.PickleKey},
		{"database's address", f.cfg.Database.URI},
	}
}

// search looks for everybody and every secret in all that was kept and logged, and that the search sees what it looks for.
func (f *flow) search(secrets []secret, linked bool) {
	f.t.Helper()
	kept := f.database()
	var log strings.Builder
	for _, p := range f.runs {
		log.WriteString(p.log.String())
	}
	logged := haystack{"log": strings.ToLower(log.String())}
	for _, g := range append(slices.Clone(f.guests), f.joMark) {
		for _, text := range g.texts() {
			for _, place := range logged.holding(text) {
				f.t.Errorf("%q stands in the %s", text, place)
			}
			for _, place := range kept.holding(text) {
				if linked && text == f.joMark.mark && mayHoldMembers(place) {
					continue
				}
				f.t.Errorf("%q stands in %s", text, place)
			}
		}
	}
	for _, s := range secrets {
		for _, place := range append(kept.holding(s.text), logged.holding(s.text)...) {
			f.t.Errorf("the %s stands in %s", s.what, place)
		}
	}
	if lines := logged.holding(f.olga.ID.Localpart()); len(lines) > 0 {
		f.t.Errorf("the organizer's ID stands in the log")
	}
	// The second net takes out what looks like a person or a secret. It must have nothing to do.
	for _, caught := range []string{"[id]", "[mail]", "[secret]"} {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, caught) {
				f.t.Errorf("only the second net caught something in %s", line)
			}
		}
	}
	f.searchSees(kept, logged, linked)
}

// searchSees looks for what may stand there, by the same means: nothing found would mean nothing otherwise.
func (f *flow) searchSees(kept, logged haystack, linked bool) {
	f.t.Helper()
	for _, text := range append([]string{f.bot().String(), f.direct.String(), `"level":"debug"`}, f.codes...) {
		if len(logged.holding(text)) == 0 {
			f.t.Errorf("%s is not found in the log: the search is blind", text)
		}
	}
	places := kept.holding(f.olga.ID.Localpart())
	inFile := func(place string) bool { return strings.HasPrefix(place, "file ") }
	if !slices.Contains(places, "pretix_link.linked_by") || !slices.ContainsFunc(places, inFile) {
		f.t.Errorf("the organizer's ID is found in %v only: the search is blind", places)
	}
	if places := kept.holding(f.joMark.mark); linked && !slices.Contains(places, "crypto_device.user_id") {
		f.t.Errorf("the member of the encrypted room is found in %v, want also in crypto_device: there is nothing to forget", places)
	}
}

// mayHoldMembers reports whether the IDs of those joined to a linked encrypted room may stand in a place.
func mayHoldMembers(place string) bool {
	whose := strings.TrimPrefix(place, "file ") // a table, an index of it, or all that SQLite has
	return strings.HasPrefix(whose, "mx_user_profile") || strings.HasPrefix(whose, "crypto_") || strings.HasPrefix(place, "file bridge.db")
}
