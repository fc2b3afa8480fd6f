package pretixconn

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

var _ bridgev2.NetworkAPI = (*Client)(nil)

// errNothingBridged answers the framework's questions about chats and people: there are none.
var errNothingBridged = errors.New("nothing is bridged")

// Client is a login at work: the framework's login, the opened credential, and what it was last seen to see.
type Client struct {
	conn     *Connector
	login    *bridgev2.UserLogin
	instance Instance

	keeping sync.Mutex // held while sight is written, never while Pretix is asked

	mu       sync.Mutex // guards what follows and the login's metadata
	token    string
	asks     *api.Client     // nil where the credential cannot be used at all
	inert    string          // why that is so
	gone     bool            // logged out while somebody still holds it
	views    map[string]view // what it saw of an organizer, by slug
	looks    int             // how often it has looked
	surveyed int             // which of its looks at all organizers is kept
}

// LoadUserLogin is called by the framework for each stored login and each new one. A login that cannot be used is loaded all the
// same, so that its owner can see and remove it.
func (c *Connector) LoadUserLogin(_ context.Context, login *bridgev2.UserLogin) error {
	meta := login.Metadata.(*LoginMetadata)
	client := &Client{conn: c, login: login, views: make(map[string]view)}
	instance, err := c.instance(meta.Instance)
	if err != nil {
		instance, client.inert = Instance{Key: meta.Instance}, DeadNoInstance
	} else if client.token, err = c.keys.Open(meta.Token, sealPurpose(string(login.ID))); err != nil {
		client.inert = DeadUnreadable
	} else {
		client.asks = c.apiClient(instance, client.token)
	}
	client.instance = instance
	login.Client = client
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clients[string(login.ID)] = client
	return nil
}

func (c *Connector) apiClient(instance Instance, token string) *api.Client {
	return api.NewClient(instance.URL, token, c.limiter(database.OrganizerKey{Instance: instance.Key}),
		api.WithUserAgent("matrix-pretix/"+c.cfg.Version))
}

// at gives the client that asks about an organizer, within the limit that everybody shares there.
func (cl *Client) at(organizer database.OrganizerKey) *api.Client {
	return cl.asks.Under(cl.conn.limiter(organizer))
}

func (cl *Client) id() string { return string(cl.login.ID) }

func (cl *Client) meta() *LoginMetadata { return cl.login.Metadata.(*LoginMetadata) }

// live tells whether the login can be used, as far as is known.
func (cl *Client) live() bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return cl.usable()
}

func (cl *Client) usable() bool { return cl.asks != nil && !cl.gone && cl.meta().DeadSince == 0 }

// unreadable tells whether its credential cannot be opened.
func (cl *Client) unreadable() bool { return cl.inert == DeadUnreadable }

// refused tells whether the login was found dead, which could be used otherwise.
func (cl *Client) refused() bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return cl.asks != nil && !cl.gone && cl.meta().DeadSince != 0
}

// left tells whether somebody has logged it out.
func (cl *Client) left() bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return cl.gone
}

// leave notes that it is being logged out, so that nobody writes down any more what it sees. False: that goes on already.
func (cl *Client) leave() bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	news := !cl.gone
	cl.gone = true
	return news
}

// stay takes that back: it could not be logged out.
func (cl *Client) stay() {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.gone = false
}

// sees tells whether Pretix has shown it the organizer.
func (cl *Client) sees(key database.OrganizerKey) bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return cl.instance.Key == key.Instance && slices.Contains(cl.meta().Organizers, key.Organizer)
}

// summary is what its owner may know, without the events.
func (cl *Client) summary() Login {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	meta := cl.meta()
	login := Login{
		ID: cl.id(), Owner: cl.login.UserMXID, Instance: meta.Instance, Name: cl.login.RemoteName,
		Live: cl.usable(), DeadReason: meta.DeadReason,
		Organizers: slices.Clone(meta.Organizers), Lacks: slices.Clone(meta.Lacks),
	}
	if cl.instance.URL != nil {
		login.Name = cl.conn.remoteName(cl.instance, meta.Organizers) // the config may have got an instance on the same host
	}
	if meta.Connected != 0 {
		login.Connected = time.UnixMilli(meta.Connected).UTC()
	}
	if cl.inert != "" {
		login.DeadReason = cl.inert
	}
	return login
}

// Connect tells the framework how the login stands. There is no connection to hold.
func (cl *Client) Connect(context.Context) {
	state := status.BridgeState{StateEvent: status.StateConnected}
	if !cl.live() {
		state.StateEvent = status.StateBadCredentials
	}
	cl.login.BridgeState.Send(state)
}

// Disconnect has nothing to end.
func (cl *Client) Disconnect() {}

// IsLoggedIn tells whether the login can be used, as far as is known.
func (cl *Client) IsLoggedIn() bool { return cl.live() }

// LogoutRemote forgets the login here. An API token belongs to a team in Pretix and stays valid there: only its admin can revoke it.
func (cl *Client) LogoutRemote(ctx context.Context) {
	cl.conn.mu.Lock()
	delete(cl.conn.clients, cl.id())
	cl.conn.mu.Unlock()
	if err := cl.conn.store.ForgetLogin(ctx, cl.id()); err != nil {
		cl.conn.log.Error("sight of a login not forgotten", zap.String("login", cl.id()), zap.Error(err))
	}
}

// IsThisUser is always no: a login is no person at Pretix that could stand in a room.
func (cl *Client) IsThisUser(context.Context, networkid.UserID) bool { return false }

// GetChatInfo knows no chats.
func (cl *Client) GetChatInfo(context.Context, *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	return nil, errNothingBridged
}

// GetUserInfo knows no people. (An event's bot gets its name and logo where it is brought into a room.)
func (cl *Client) GetUserInfo(context.Context, *bridgev2.Ghost) (*bridgev2.UserInfo, error) {
	return nil, errNothingBridged
}

// GetCapabilities claims nothing.
func (cl *Client) GetCapabilities(context.Context, *bridgev2.Portal) *event.RoomFeatures {
	return &event.RoomFeatures{}
}

// HandleMatrixMessage takes no messages.
func (cl *Client) HandleMatrixMessage(context.Context, *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	return nil, errNothingBridged
}
