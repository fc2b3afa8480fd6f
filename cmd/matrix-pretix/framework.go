package main

import (
	"fmt"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// requestTries is how often the framework repeats a request of its own that a homeserver could not answer.
const requestTries = 4

// frameworkConfig is the framework's config as far as ours decides it. The rest stays zero: it is about portals, relays, double
// puppets and listeners, of which there are none.
func frameworkConfig(c *config.Config) (*bridgeconfig.Config, error) {
	var f bridgeconfig.Config
	f.Homeserver.Address = c.Homeserver.Address
	f.Homeserver.Domain = c.Homeserver.Domain
	f.Homeserver.Software = bridgeconfig.SoftwareStandard
	f.Homeserver.RetryLimit = requestTries

	f.AppService.Address = c.AppService.Address
	f.AppService.NoServer = true
	f.AppService.ID = c.AppService.ID
	f.AppService.ASToken = c.AppService.ASToken
	f.AppService.HSToken = c.AppService.HSToken
	f.AppService.UsernameTemplate = c.AppService.UsernameTemplate
	f.AppService.Bot = bridgeconfig.BotUserConfig{
		Username: c.AppService.Bot.Username, Displayname: c.AppService.Bot.Displayname, Avatar: c.AppService.Bot.Avatar,
	}
	if avatar := c.AppService.Bot.Avatar; avatar != "" && avatar != "remove" {
		var err error
		if f.AppService.Bot.ParsedAvatar, err = id.ParseContentURI(avatar); err != nil {
			return nil, fmt.Errorf("appservice.bot.avatar: %w", err)
		}
	}

	f.Bridge.CommandPrefix = c.Bridge.CommandPrefix
	f.Bridge.Permissions = bridgeconfig.PermissionConfig{}
	for who, level := range c.Bridge.Permissions {
		f.Bridge.Permissions[who] = permissions(level)
	}

	// Devices are made for the bot as MSC4190 says and read by its own /sync: this needs no experimental features. Rooms that
	// the framework might make by itself are encrypted, where that is possible at all.
	f.Encryption.Allow = c.Encryption.Allow
	f.Encryption.Default = c.Encryption.Allow
	f.Encryption.MSC4190 = true
	f.Encryption.SelfSign = c.Encryption.SelfSign
	f.Encryption.PickleKey = c.Encryption.PickleKey
	return &f, nil
}

// permissions are spelled out because the framework's own level of the name "user" has more in it: double puppets and relays.
func permissions(level config.Level) *bridgeconfig.Permissions {
	switch level {
	case config.Admin:
		return &bridgeconfig.Permissions{SendEvents: true, Commands: true, Login: true, Admin: true}
	case config.User:
		return &bridgeconfig.Permissions{SendEvents: true, Commands: true, Login: true}
	default:
		return &bridgeconfig.Permissions{}
	}
}

// pool is the config's database section as the framework's library spells it.
func pool(d config.Database) dbutil.PoolConfig {
	p := dbutil.PoolConfig{Type: d.Type, URI: d.URI, MaxOpenConns: d.MaxOpenConns, MaxIdleConns: d.MaxIdleConns}
	if d.ConnMaxIdleTime > 0 {
		p.ConnMaxIdleTime = d.ConnMaxIdleTime.String()
	}
	if d.ConnMaxLifetime > 0 {
		p.ConnMaxLifetime = d.ConnMaxLifetime.String()
	}
	return p
}
