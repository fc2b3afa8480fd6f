package pretixconn

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.mau.fi/util/configupgrade"
	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2"
	bridgedb "maunium.net/go/mautrix/bridgev2/database"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// Config is what the connector needs to know of the config file.
type Config struct {
	Instances     []Instance
	SweepEvery    time.Duration
	PublicAddress string // where Pretix reaches us, without a slash at the end; empty: nowhere
	Version       string
}

// Connector is the Pretix side of the bridge: the logins, what each of them sees, and everything that is read from Pretix or
// heard from it. It knows no rooms. Whatever happens at Pretix ends in one way: an order's row becomes due.
type Connector struct {
	// Wake is called after an order has become due. It must return at once.
	Wake func()
	// LoginDied is called once when a login is found dead, with the reason. It must return at once.
	LoginDied func(ctx context.Context, login *Login, reason string)

	cfg    Config
	store  *database.Store
	keys   *database.Keys
	now    func() time.Time
	log    *zap.Logger
	bridge *bridgev2.Bridge
	cache  eventCache
	sweeps *sweeper

	webhooks *webhookKeeper

	connecting sync.Mutex // held while a login is stored, so that one token makes one login of a person

	mu       sync.Mutex // guards what follows
	clients  map[string]*Client
	limiters map[database.OrganizerKey]*api.Limiter
	heard    map[database.OrganizerKey]time.Time
}

var _ bridgev2.NetworkConnector = (*Connector)(nil)

// New makes the connector; nothing runs before [Connector.Run].
func New(cfg Config, store *database.Store, keys *database.Keys, now func() time.Time, log *zap.Logger) *Connector {
	c := &Connector{
		Wake:      func() {},
		LoginDied: func(context.Context, *Login, string) {},

		cfg: cfg, store: store, keys: keys, now: now, log: log.Named("pretix"),
		clients:  make(map[string]*Client),
		limiters: make(map[database.OrganizerKey]*api.Limiter),
		heard:    make(map[database.OrganizerKey]time.Time),
	}
	c.cache.now = now
	c.sweeps, c.webhooks = newSweeper(c), newWebhookKeeper(c)
	return c
}

// Init is called by the framework when the bridge is built.
func (c *Connector) Init(br *bridgev2.Bridge) { c.bridge = br }

// Start has nothing to do: the logins are loaded by the framework, and [Connector.Run] does the work.
func (c *Connector) Start(context.Context) error { return nil }

// GetName names the network to the framework.
func (c *Connector) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{
		DisplayName:          "Pretix",
		NetworkURL:           "https://pretix.eu",
		NetworkID:            "pretix",
		BeeperBridgeType:     "matrix-pretix",
		DefaultCommandPrefix: "!pretix",
	}
}

// GetDBMetaTypes says what is stored with a login.
func (c *Connector) GetDBMetaTypes() bridgedb.MetaTypes {
	return bridgedb.MetaTypes{UserLogin: func() any { return &LoginMetadata{} }}
}

// GetCapabilities claims nothing: no chats are bridged.
func (c *Connector) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}

// GetConfig offers no config: the program has its own.
func (c *Connector) GetConfig() (string, any, configupgrade.Upgrader) { return "", nil, nil }

// GetBridgeInfoVersion has nothing to announce in rooms.
func (c *Connector) GetBridgeInfoVersion() (info, capabilities int) { return 1, 1 }

// Instances lists the Pretix servers of the config, in its order.
func (c *Connector) Instances() []Instance { return c.cfg.Instances }

func (c *Connector) instance(key string) (Instance, error) {
	for _, instance := range c.cfg.Instances {
		if instance.Key == key {
			return instance, nil
		}
	}
	return Instance{}, fmt.Errorf("instance %q is not in the config", key)
}

// limiter gives the one limiter of an organizer, which all logins that read there share: Pretix counts per organizer.
func (c *Connector) limiter(key database.OrganizerKey) *api.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.limiters[key]
	if !ok {
		l = api.NewLimiter()
		c.limiters[key] = l
	}
	return l
}
