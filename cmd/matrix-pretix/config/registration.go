package config

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Registration is what the homeserver is told about this program. Its sender_localpart is a name that nobody uses, not the
// bridge bot's: Synapse does not let that user read its own encryption messages.
type Registration struct {
	ID              string     `yaml:"id"`
	URL             string     `yaml:"url"`
	ASToken         string     `yaml:"as_token"`
	HSToken         string     `yaml:"hs_token"`
	SenderLocalpart string     `yaml:"sender_localpart"`
	RateLimited     bool       `yaml:"rate_limited"`
	Namespaces      Namespaces `yaml:"namespaces"`
	MSC4190         bool       `yaml:"io.element.msc4190"`
}

// Namespaces are the names that the homeserver keeps for this program.
type Namespaces struct {
	Users []Namespace `yaml:"users"`
}

// Namespace is a pattern of user IDs.
type Namespace struct {
	Regex     string `yaml:"regex"`
	Exclusive bool   `yaml:"exclusive"`
}

// NewRegistration returns the registration that belongs to a config. sender is the localpart that nobody uses.
func NewRegistration(c *Config, sender string) Registration {
	whole := func(pattern string) Namespace { return Namespace{Regex: "^" + pattern + "$", Exclusive: true} }
	before, after, _ := strings.Cut(string(c.GhostID(placeholder)), placeholder)
	return Registration{
		ID: c.AppService.ID, URL: c.AppService.Address, ASToken: c.AppService.ASToken, HSToken: c.AppService.HSToken,
		SenderLocalpart: sender,
		Namespaces: Namespaces{Users: []Namespace{
			whole(regexp.QuoteMeta(string(c.BotID()))),
			whole(regexp.QuoteMeta(before) + ".*" + regexp.QuoteMeta(after)),
		}},
		MSC4190: true,
	}
}

const registrationHead = `# The homeserver reads this file: in Synapse, name it under app_service_config_files and restart.
# It was written by matrix-pretix -g and holds secrets.
`

// YAML returns the file's text.
func (r Registration) YAML() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(registrationHead)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("write the registration: %w", err)
	}
	return b.Bytes(), nil
}

// ReadRegistration reads a registration. It is not checked: the homeserver is the judge of it.
func ReadRegistration(path string) (Registration, error) {
	var r Registration
	text, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("read the registration: %w", err)
	}
	if err := yaml.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("read the registration: %w", err)
	}
	return r, nil
}

// unusedName is a localpart that no person, and none of our bots, has.
func unusedName() string {
	return "unused-" + strings.ToLower(rand.Text())
}
