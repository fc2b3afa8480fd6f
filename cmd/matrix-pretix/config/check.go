package config

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// minSweepInterval keeps one bridge from being a burden to a Pretix that it shares with others.
const minSweepInterval = 5 * time.Second

// maxSuffix keeps the event's own name readable in an invitation.
const maxSuffix = 40

var (
	serverName    = regexp.MustCompile(`^([a-zA-Z0-9.-]{1,230}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?$`)
	hostName      = regexp.MustCompile(`^[a-zA-Z0-9.:_-]{1,253}$`)
	localpart     = regexp.MustCompile(`^[a-z0-9._=/+-]{1,64}$`)
	aroundName    = regexp.MustCompile(`^[a-z0-9._=/+-]{0,64}$`)
	plainID       = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	token         = regexp.MustCompile(`^[\x21-\x7e]{16,}$`)
	commandPrefix = regexp.MustCompile(`^[!-/:-@\[-\x60{-~]\S{1,30}$`)
	instanceKey   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,11}$`)
)

// check looks at what the values mean. Each section has a function of its own.
func (d *decoder) check(c *Config) {
	d.checkHomeserver(c.Homeserver)
	d.checkAppService(c.AppService)
	d.checkDatabase(c.Database)
	d.checkBridge(c.Bridge, c.Homeserver.Domain)
	d.checkEncryption(c.Encryption)
	d.checkNetwork(c.Network)
	d.checkLogging(c.Logging)
}

// want refuses a value unless ok. A value that is already known to be wrong is not refused twice.
func (d *decoder) want(ok bool, key, text string) {
	switch variable := d.variables[key]; {
	case ok || d.isWrong(key):
	case variable != "":
		d.refuse(key, 0, "the value that %s gives is not right: %s", variable, text)
	default:
		d.refuse(key, d.lineOf(key), "%s", text)
	}
}

func (d *decoder) checkHomeserver(h Homeserver) {
	d.want(isURL(h.Address), "homeserver.address", "expected the URL at which this program reaches the homeserver, such as http://localhost:8008")
	d.want(serverName.MatchString(h.Domain), "homeserver.domain", "expected the homeserver's server_name: what stands after the colon in user IDs, such as example.org")
}

func (d *decoder) checkAppService(a AppService) {
	d.want(isURL(a.Address), "appservice.address", "expected the URL at which the homeserver reaches this program, such as http://localhost:29350")
	d.want(a.PublicAddress == "" || isURL(a.PublicAddress), "appservice.public_address", "expected the URL at which Pretix reaches this program, such as https://pretix-bot.example.org, or nothing")
	d.want(hostName.MatchString(a.Hostname), "appservice.hostname", "expected the IP address or host name to listen on, such as 127.0.0.1 or 0.0.0.0")
	d.want(a.Port >= 1 && a.Port <= 65535, "appservice.port", "expected a port number from 1 to 65535")
	d.want(plainID.MatchString(a.ID), "appservice.id", "expected a short name of letters, digits, dots, underscores and hyphens")
	d.checkNames(a)
	const generate = "expected a secret of at least 16 characters without blanks; -g writes one"
	d.want(token.MatchString(a.ASToken), "appservice.as_token", generate)
	d.want(token.MatchString(a.HSToken), "appservice.hs_token", generate)
	d.want(a.ASToken == "" || a.ASToken != a.HSToken, "appservice.hs_token", "it is the same as as_token; both need a secret of their own")
}

// checkNames holds that the bots' names are user names, and that the event bots' namespace claims nobody else's: an exclusive
// namespace of all names would take the homeserver away from its users.
func (d *decoder) checkNames(a AppService) {
	d.want(localpart.MatchString(a.Bot.Username), "appservice.bot.username", "expected a user name of lower-case letters, digits and . _ = / + -")
	avatar, err := id.ParseContentURI(a.Bot.Avatar)
	d.want(a.Bot.Avatar == "" || a.Bot.Avatar == "remove" || err == nil && !avatar.IsEmpty(), "appservice.bot.avatar", "expected mxc://server/id, or remove, or nothing")
	before, after, once := strings.Cut(a.UsernameTemplate, placeholder)
	good := once && len(before) > 1 && aroundName.MatchString(before) && aroundName.MatchString(after)
	d.want(good, "appservice.username_template",
		"expected a user name with {{.}} once, and something before it that no other account's name begins with, such as pretix_{{.}}")
	d.want(!good || !strings.HasPrefix(a.Bot.Username, before) || !strings.HasSuffix(a.Bot.Username, after),
		"appservice.bot.username", "expected a name that username_template cannot give")
}

func (d *decoder) checkBridge(b Bridge, domain string) {
	d.want(commandPrefix.MatchString(b.CommandPrefix), "bridge.command_prefix", "expected a word that begins with a sign, such as !pretix")
	suffix := []rune(b.BotNameSuffix)
	d.want(strings.TrimSpace(b.BotNameSuffix) != "" && len(suffix) <= maxSuffix && !strings.ContainsFunc(b.BotNameSuffix, isControl),
		"bridge.bot_name_suffix", "expected a short text that tells people that this is a bot, such as \" (tickets)\"")
	d.checkPermissions(b.Permissions, domain)
}

// checkPermissions also holds that somebody of the homeserver may command: an entry for another one is left over from the example.
func (d *decoder) checkPermissions(permissions map[string]Level, domain string) {
	somebody := false
	for _, who := range slices.Sorted(maps.Keys(permissions)) {
		key, level := "bridge.permissions."+who, permissions[who]
		d.want(isWho(who), key, "expected \"*\", a homeserver's name, or a user ID such as \"@ada:example.org\"")
		d.want(level == Admin || level == User || level == Block, key, "expected admin, user or block")
		ours := who == "*" || who == domain || strings.HasPrefix(who, "@") && strings.HasSuffix(who, ":"+domain)
		somebody = somebody || ours && level != Block
	}
	d.want(somebody || !serverName.MatchString(domain), "bridge.permissions", "nobody of homeserver.domain may use the bridge; expected an entry such as \""+domain+"\": user")
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func isWho(who string) bool {
	if who == "*" || serverName.MatchString(who) {
		return true
	}
	name, server, ok := strings.Cut(strings.TrimPrefix(who, "@"), ":")
	return strings.HasPrefix(who, "@") && ok && name != "" && len(who) <= 255 && serverName.MatchString(server)
}

func (d *decoder) checkEncryption(e Encryption) {
	d.want(!e.Allow || len(e.PickleKey) >= 16, "encryption.pickle_key", "expected a secret of at least 16 characters while encryption.allow is true; -g writes one")
}

func (d *decoder) checkNetwork(n Network) {
	d.want(len(n.Instances) > 0, "network.instances", "expected at least one Pretix server")
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(n.Instances)) {
		key, instance := "network.instances."+name, n.Instances[name]
		d.want(instanceKey.MatchString(name), key, "expected a key of at most 12 lower-case letters, digits and hyphens that begins with a letter")
		d.want(isURL(instance.URL), key+".url", "expected the server's URL, such as https://pretix.eu")
		d.want(instance.MovedFrom == "" || isURL(instance.MovedFrom), key+".moved_from", "expected the URL that this server had before, or nothing")
		url := strings.TrimRight(strings.ToLower(instance.URL), "/")
		if other, ok := taken[url]; ok && url != "" {
			d.want(false, key+".url", "it is the same as that of "+other+"; a server has one key")
		}
		taken[url] = name
	}
	d.want(n.SweepInterval >= minSweepInterval, "network.sweep_interval", "expected at least "+minSweepInterval.String())
	seal, digest := n.Keys()
	d.want(seal != nil, "network.seal_key", "expected 32 random bytes in base64; -g writes them")
	d.want(digest != nil, "network.digest_key", "expected 32 random bytes in base64; -g writes them")
	d.want(n.LostSealKey == "" || database.IsFingerprint(n.LostSealKey), "network.lost_seal_key", "expected what the program says of the key that it misses, or nothing")
	d.want(seal == nil || n.SealKey != n.DigestKey, "network.digest_key", "it is the same as seal_key; both need a secret of their own")
}

func (d *decoder) checkLogging(l Logging) {
	d.want(slices.Contains([]string{"debug", "info", "warn", "error"}, l.MinLevel), "logging.min_level", "expected debug, info, warn or error")
	d.want(l.Format == "json" || l.Format == "console", "logging.format", "expected json or console")
}

// isURL reports whether text is an http or https URL that something can be appended to.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}
