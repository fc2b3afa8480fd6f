package homeserver

import (
	"context"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/id"
)

// Directs remembers which room is the talk of the bridge bot with a person. *database.Store is one.
type Directs interface {
	Direct(ctx context.Context, user id.UserID) (id.RoomID, error) // database.ErrNotFound if none
	SetDirect(ctx context.Context, user id.UserID, room id.RoomID) error
	ForgetDirect(ctx context.Context, room id.RoomID) error
}

// Options is what a [Server] is built from.
type Options struct {
	Matrix  *matrix.Connector
	Bridge  *bridgev2.Bridge // built already: its Init has set up Matrix
	Directs Directs
	Suffix  string // ends the display name of every event bot
	Now     func() time.Time
	Log     *zap.Logger
}

// Server is the homeserver as the bridge sees it. All its methods may be called at the same time from several places.
// Where a method takes the user to act as, that is one of our own: the bridge bot or an event bot.
type Server struct {
	mx      *matrix.Connector
	br      *bridgev2.Bridge
	directs Directs
	suffix  string
	now     func() time.Time
	log     *zap.Logger
	store   *leanStore

	unerased atomic.Bool // people were deleted whose bytes may still lie in the database
	ghosts   *regexp.Regexp

	registering sync.Mutex
	registered  sync.Map // id.UserID → true

	facing sync.Mutex // one event bot at a time gets its face

	directing sync.Mutex // one talk at a time is found or made

	keyQueries gathered // about people of our own homeserver

	pace     *pace
	keys     *keyReader // nil without encryption
	refusals *refusals

	roomsLock sync.Mutex
	rooms     map[id.RoomID]*roomLocks
}

// New makes the server and puts the lean state store in the place of the framework's. It must be called before the bridge is
// started, and makes no request.
func New(o Options) *Server {
	s := &Server{
		mx: o.Matrix, br: o.Bridge, directs: o.Directs, suffix: o.Suffix, now: o.Now, log: o.Log,
		rooms: make(map[id.RoomID]*roomLocks),
		pace:  newPace(o.Now), refusals: newRefusals(o.Now),
		ghosts: o.Matrix.Config.MakeUserIDRegex("(.+)"),
	}
	s.unerased.Store(true) // before the start that may have been so
	s.store = newLeanStore(o.Matrix.StateStore, s.Bot(), s.IsOurs, s.inTheirDirect)
	o.Matrix.AS.HTTPClient.Timeout = inviteTime + callTime // the framework's is shorter than an invite may take; each call has its own
	keepConnections(o.Matrix.AS.HTTPClient)
	o.Matrix.AS.StateStore = s.store
	o.Matrix.Bot.StateStore = s.store
	if o.Matrix.Crypto != nil {
		s.keys = newKeyReader(o.Matrix.Crypto, s.pace, o.Log)
		o.Matrix.Crypto = s.keys
	}
	return s
}

// Run returns when ctx ends, or with [ErrDeviceGone] or [ErrTokenGone].
func (s *Server) Run(ctx context.Context) error {
	if s.keys == nil {
		<-ctx.Done()
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.keys.gone:
		return err
	}
}

// Bot is the bridge bot.
func (s *Server) Bot() id.UserID { return s.mx.Bot.UserID }

// IsOurs reports whether a user is the bridge bot or an event bot.
func (s *Server) IsOurs(user id.UserID) bool {
	return user == s.Bot() || s.ghosts.MatchString(string(user))
}

// MayCommand reports whether the config's permissions let a person command the bridge, whatever their rights in rooms.
func (s *Server) MayCommand(user id.UserID) bool {
	return !s.IsOurs(user) && s.br.Config.Permissions.Get(user).Commands
}
