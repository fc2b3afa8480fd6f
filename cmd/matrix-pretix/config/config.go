package config

import (
	"encoding/base64"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// Config is everything that an admin decides. Its keys are those of mautrix bridges where they mean the same.
type Config struct {
	Homeserver Homeserver `yaml:"homeserver"`
	AppService AppService `yaml:"appservice"`
	Database   Database   `yaml:"database"`
	Bridge     Bridge     `yaml:"bridge"`
	Encryption Encryption `yaml:"encryption"`
	Network    Network    `yaml:"network"`
	Logging    Logging    `yaml:"logging"`

	// RegistrationFile is where the registration was written, or "". It is read only to explain why the homeserver does not
	// know a token.
	RegistrationFile string `yaml:"-"`
}

// Homeserver is the homeserver that the bots live on.
type Homeserver struct {
	Address string `yaml:"address"`
	Domain  string `yaml:"domain"`
}

// AppService is how the homeserver and this program know each other, and where this program listens.
type AppService struct {
	Address          string `yaml:"address"`
	PublicAddress    string `yaml:"public_address"`
	Hostname         string `yaml:"hostname"`
	Port             int    `yaml:"port"`
	ID               string `yaml:"id"`
	Bot              Bot    `yaml:"bot"`
	UsernameTemplate string `yaml:"username_template"`
	ASToken          string `yaml:"as_token" secret:"yes"`
	HSToken          string `yaml:"hs_token" secret:"yes"`
}

// Bot is the bridge bot: the one that people talk to.
type Bot struct {
	Username    string `yaml:"username"`
	Displayname string `yaml:"displayname"`
	Avatar      string `yaml:"avatar"`
}

// Database is where everything is kept.
type Database struct {
	Type            string        `yaml:"type"`
	URI             string        `yaml:"uri" secret:"yes"`
	MaxOpenConns    int           `yaml:"max_open_conns"`
	MaxIdleConns    int           `yaml:"max_idle_conns"` // 0: as many as MaxOpenConns
	ConnMaxIdleTime time.Duration `yaml:"conn_max_idle_time"`
	ConnMaxLifetime time.Duration `yaml:"conn_max_lifetime"`
}

// Bridge is how the bots appear to people, and to whom.
type Bridge struct {
	CommandPrefix string           `yaml:"command_prefix"`
	BotNameSuffix string           `yaml:"bot_name_suffix"`
	Permissions   map[string]Level `yaml:"permissions"`
}

// Level is what the host allows somebody: the outer limit, within which power in rooms and logins decide.
type Level string

// The levels. Block is also what somebody has whom no entry names.
const (
	Admin Level = "admin"
	User  Level = "user"
	Block Level = "block"
)

// Encryption is about encrypted rooms.
type Encryption struct {
	Allow     bool   `yaml:"allow"`
	SelfSign  bool   `yaml:"self_sign"`
	PickleKey string `yaml:"pickle_key" secret:"yes"`
}

// Network is Pretix: the servers, and the keys under which their credentials and attendees are kept.
type Network struct {
	Instances     map[string]Instance `yaml:"instances"`
	SweepInterval time.Duration       `yaml:"sweep_interval"`
	SealKey       string              `yaml:"seal_key" secret:"yes"`
	DigestKey     string              `yaml:"digest_key" secret:"yes"`
	LostSealKey   string              `yaml:"lost_seal_key"` // the fingerprint of the seal key that is given up
}

// Instance is a Pretix server. Its key in [Network] is part of its event bots' names.
type Instance struct {
	URL       string `yaml:"url"`
	MovedFrom string `yaml:"moved_from"`
}

// Logging is what is written to the log, and how.
type Logging struct {
	MinLevel string `yaml:"min_level"`
	Format   string `yaml:"format"`
}

// Default returns what holds for keys that a file does not have. Those without a default stay empty.
func Default() *Config {
	return &Config{
		AppService: AppService{
			Hostname: "127.0.0.1", Port: 29350, ID: "pretix",
			Bot:              Bot{Username: "pretixbot", Displayname: "Pretix bot"},
			UsernameTemplate: "pretix_{{.}}",
		},
		Database:   Database{Type: Postgres, MaxOpenConns: database.DefaultOpenConns},
		Bridge:     Bridge{CommandPrefix: "!pretix", BotNameSuffix: " (tickets)"},
		Encryption: Encryption{Allow: true, SelfSign: true},
		Network: Network{
			Instances:     map[string]Instance{"eu": {URL: "https://pretix.eu"}},
			SweepInterval: time.Minute,
		},
		Logging: Logging{MinLevel: "info", Format: "json"},
	}
}

// placeholder is what stands for the rest of an event bot's name.
const placeholder = "{{.}}"

// GhostID returns the user ID of the event bot whose localpart ends in name, which must be escaped already.
func (c *Config) GhostID(name string) id.UserID {
	return id.NewUserID(strings.Replace(c.AppService.UsernameTemplate, placeholder, name, 1), c.Homeserver.Domain)
}

// BotID returns the user ID of the bridge bot.
func (c *Config) BotID() id.UserID {
	return id.NewUserID(c.AppService.Bot.Username, c.Homeserver.Domain)
}

// IsBot reports whether a user ID is the bridge bot's or in the event bots' namespace.
func (c *Config) IsBot(user id.UserID) bool {
	if user == c.BotID() {
		return true
	}
	before, after, _ := strings.Cut(string(c.GhostID(placeholder)), placeholder)
	return len(user) > len(before)+len(after) && strings.HasPrefix(string(user), before) && strings.HasSuffix(string(user), after)
}

// Keys returns the keys that seal credentials and digest attendees. They are nil where they are not 32 bytes in base64, which
// [Load] does not let through.
func (n Network) Keys() (seal, digest []byte) {
	return keyOf(n.SealKey), keyOf(n.DigestKey)
}

func keyOf(text string) []byte {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != database.KeyBytes {
		return nil
	}
	return key
}
