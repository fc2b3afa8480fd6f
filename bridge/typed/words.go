package typed

import (
	"strings"
	"unicode"
)

// quotes maps what opens a quoted word to what closes it. Phones turn straight quotes into the curly ones of the keyboard's language, and in
// some languages the closing mark of one is the opening mark of another: hence several closers each.
var quotes = map[rune]string{
	'"': `"“”`, '\'': `'’`, '“': `”“"`, '”': `”"`, '„': `“”"`, '‘': `’'`, '‚': `‘’`, '«': `»`, '»': `«`, '‹': `›`, '›': `‹`, '「': `」`,
}

// longestQuoted is how many characters may stand in one pair of quotes. No name is longer, and without a limit a message full of quotes that are never
// closed would be read to its end for each of them.
const longestQuoted = 1000

// Word is one word of a command line, or what stood in one pair of quotes: then it is a name by itself.
type Word struct {
	Text   string
	quoted bool
}

// Texts leaves the quotes out of account.
func Texts(words []Word) []string {
	var texts []string
	for _, word := range words {
		texts = append(texts, word.Text)
	}
	return texts
}

// Joined is the words as one text again, without quotes.
func Joined(words []Word) string { return strings.Join(Texts(words), " ") }

// splitWords cuts a command line into words: by blanks, with quoted words kept whole and without their quotes. A quote in the middle of a word is
// an ordinary character (`Ada's`), and one that is never closed is taken as it stands, so nothing that was typed is lost.
func splitWords(line string) []Word {
	var words []Word
	runes := []rune(line)
	for i := 0; i < len(runes); {
		if unicode.IsSpace(runes[i]) {
			i++
			continue
		}
		if text, next, ok := quotedWord(runes, i); ok {
			words, i = append(words, Word{Text: text, quoted: true}), next
			continue
		}
		end := i
		for end < len(runes) && !unicode.IsSpace(runes[end]) {
			end++
		}
		words, i = append(words, Word{Text: string(runes[i:end])}), end
	}
	return words
}

// quotedWord reads the quoted word that starts at i. A closing quote counts only at the end of a word, so that an apostrophe inside stays inside.
func quotedWord(runes []rune, i int) (text string, next int, ok bool) {
	closers, opens := quotes[runes[i]]
	if !opens {
		return "", 0, false
	}
	for end := i + 1; end < len(runes) && end-i <= longestQuoted+1; end++ {
		last := end+1 == len(runes) || unicode.IsSpace(runes[end+1])
		if last && strings.ContainsRune(closers, runes[end]) {
			return strings.TrimSpace(string(runes[i+1 : end])), end + 1, true
		}
	}
	return "", 0, false
}

// CommandLine says whether a message is a command, and splits it. prefix is the configured one (`!pretix`); prefixed tells whether it was used.
// `!pretix` alone is the command "help".
func CommandLine(body, prefix string) (name string, args []Word, prefixed, ok bool) {
	body = strings.TrimSpace(body)
	words := splitWords(body)
	if len(words) == 0 {
		return "", nil, false, false
	}
	if strings.EqualFold(words[0].Text, prefix) {
		if len(words) == 1 {
			return "help", nil, true, true
		}
		return strings.ToLower(strings.TrimPrefix(words[1].Text, "!")), words[2:], true, true
	}
	if name, bang := strings.CutPrefix(words[0].Text, "!"); bang && name != "" {
		return strings.ToLower(name), words[1:], false, true
	}
	return "", nil, false, false
}
