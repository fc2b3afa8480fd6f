package logs

import (
	"net/url"
	"regexp"
	"strings"

	"maunium.net/go/mautrix/id"
)

// Rules say what no line may hold beyond what everybody's line may not: the secrets of this bridge; and whose IDs may stay.
type Rules struct {
	// IsBot reports whether a user ID belongs to one of our bots; nil means to none.
	IsBot func(id.UserID) bool
	// Secrets are texts that never appear, whatever is around them.
	Secrets []string
}

// shortestSecret is the length below which a secret could be an ordinary word, which would make lines unreadable and the
// secret guessable. The config asks for 16 and more; only a database's address may be shorter, and holds no secret then.
const shortestSecret = 12

var (
	mailLike = regexp.MustCompile(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+`)
	// A localpart may hold nearly anything, blanks included, so everything from the sign to the first colon that a server's
	// name follows is taken.
	userLike   = regexp.MustCompile(`(?:@|%40)[^@\n]{0,255}?(?::|%3[Aa])(?:[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?`)
	tokenLike  = regexp.MustCompile(`\b(?:syt|mct|mcr|mat|mpt)_[A-Za-z0-9_\-]{8,}|\b[a-z0-9]{64}\b`)
	headerLike = regexp.MustCompile(`(?i)\b(bearer|token|access_token=|webhook/)([ ]?)[A-Za-z0-9._~+/=\-]{8,}`)
	uriLike    = regexp.MustCompile(`\b(postgres(?:ql)?://)\S+`)
)

// scrubber takes out of a text what Rules forbid.
type scrubber struct {
	rules   Rules
	secrets *strings.Replacer
}

func newScrubber(rules Rules) *scrubber {
	var pairs []string
	for _, secret := range rules.Secrets {
		if len(secret) < shortestSecret {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			pairs = append(pairs, form, "[secret]")
		}
	}
	return &scrubber{rules: rules, secrets: strings.NewReplacer(pairs...)}
}

func (s *scrubber) text(text string) string {
	text = s.secrets.Replace(text)
	text = uriLike.ReplaceAllString(text, "$1[secret]")
	text = headerLike.ReplaceAllString(text, "$1$2[secret]")
	text = tokenLike.ReplaceAllString(text, "[secret]")
	if !strings.Contains(text, "@") && !strings.Contains(text, "%40") {
		return text
	}
	text = mailLike.ReplaceAllString(text, "[mail]")
	return userLike.ReplaceAllStringFunc(text, func(found string) string {
		if s.bot(found) {
			return found
		}
		return "[id]"
	})
}

// bot reports whether a text is the ID of one of our bots and nothing more.
func (s *scrubber) bot(text string) bool {
	if decoded, err := url.PathUnescape(text); err == nil {
		text = decoded
	}
	return s.rules.IsBot != nil && s.rules.IsBot(id.UserID(text))
}
