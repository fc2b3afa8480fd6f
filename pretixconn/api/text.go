package api

import (
	"encoding/json"
	"maps"
	"slices"
)

// Text is a text of Pretix in its languages: language code to words.
type Text map[string]string

// UnmarshalJSON accepts what Pretix sends for a translated text: an object, a plain string or null.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var plain *string
	if json.Unmarshal(raw, &plain) == nil {
		if *t = nil; plain != nil {
			*t = Text{"": *plain}
		}
		return nil
	}
	var byLang map[string]*string
	if err := json.Unmarshal(raw, &byLang); err != nil {
		return err
	}
	*t = make(Text, len(byLang))
	for lang, words := range byLang {
		if words != nil {
			(*t)[lang] = *words
		}
	}
	return nil
}

// Any gives the text in one of its languages, always the same one: English where there is some, else the first by code.
func (t Text) Any() string {
	if words := t["en"]; words != "" {
		return words
	}
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		if t[lang] != "" {
			return t[lang]
		}
	}
	return ""
}

// All lists the text in each of its languages, each wording once: what somebody may type to name the thing.
func (t Text) All() []string {
	var all []string
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		if words := t[lang]; words != "" && !slices.Contains(all, words) {
			all = append(all, words)
		}
	}
	return all
}
