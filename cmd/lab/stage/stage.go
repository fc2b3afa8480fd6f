package stage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/lab/parts"
)

// Options says what stands on the stage.
type Options struct {
	// Dir is an empty directory for everything that is written.
	Dir string
	// Binary is the program.
	Binary string
	// Postgres keeps the data of Pretix and of the bridge, as in production. Else both have SQLite, which needs nothing installed.
	Postgres bool
	// Public is where Pretix calls; "" is the bridge itself.
	Public string
	// Say takes a line of progress.
	Say func(string)
}

// Stage is a homeserver, a shop and the bridge between them, all running.
type Stage struct {
	Synapse  *parts.Synapse
	Pretix   *parts.Pretix
	Postgres *parts.Postgres
	Bridge   *parts.Bridge
}

// Start runs everything, in the order that the registration asks for: the bridge writes it, the homeserver reads it, the bridge
// runs. ctx bounds the start only; Stop ends it all.
func Start(ctx context.Context, o Options) (*Stage, error) {
	if err := parts.CheckMachine(ctx, parts.Wants{Python: true, Postgres: o.Postgres}); err != nil {
		return nil, err
	}
	if _, err := os.Stat(o.Binary); err != nil {
		return nil, fmt.Errorf("find the program, which \"make build\" makes: %w", err)
	}
	ports, err := parts.FreePorts(3)
	if err != nil {
		return nil, err
	}
	var turn sync.Mutex
	say := o.Say
	o.Say = func(line string) {
		turn.Lock()
		defer turn.Unlock()
		say(line)
	}
	s := &Stage{}
	if err := s.start(ctx, o, ports); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Stage) start(ctx context.Context, o Options, ports []int) error {
	database := ""
	if o.Postgres {
		var err error
		if s.Postgres, err = parts.StartPostgres(ctx, subdir(o.Dir, "postgres"), parts.PostgresOptions{Say: o.Say}); err != nil {
			return err
		}
		if database, _, err = s.Postgres.NewDatabase(ctx); err != nil {
			return err
		}
	}
	bridge, err := parts.PrepareBridge(ctx, subdir(o.Dir, "bridge"), parts.BridgeOptions{
		Binary: o.Binary, Homeserver: parts.Loopback(ports[0]), Pretix: parts.Loopback(ports[1]), Port: ports[2], Public: o.Public, Database: database,
	})
	if err != nil {
		return err
	}
	o.Say("matrix-pretix -g has filled in the config's secrets and written the registration")
	group, starting := errgroup.WithContext(ctx)
	group.Go(func() error { return s.startMatrix(starting, o, ports[0], bridge) })
	group.Go(func() error {
		var err error
		s.Pretix, err = parts.StartPretix(starting, subdir(o.Dir, "pretix"), parts.PretixOptions{Port: ports[1], Postgres: s.Postgres, Say: o.Say})
		return err
	})
	return group.Wait()
}

// startMatrix runs the homeserver with the bridge's registration, then the bridge.
func (s *Stage) startMatrix(ctx context.Context, o Options, port int, bridge *parts.Bridge) error {
	var err error
	s.Synapse, err = parts.StartSynapse(ctx, subdir(o.Dir, "synapse"), parts.SynapseOptions{
		Port: port, Slots: -1, Registrations: []string{bridge.Registration}, Say: o.Say,
	})
	if err != nil {
		return err
	}
	began := time.Now()
	if err := bridge.Start(ctx); err != nil {
		return err
	}
	s.Bridge = bridge
	o.Say(fmt.Sprintf("matrix-pretix is ready on %s after %s", bridge.URL, time.Since(began).Round(100*time.Millisecond)))
	return nil
}

// subdir names a directory, which it makes; where that does not work, whoever writes there first says so.
func subdir(dir, name string) string {
	path := filepath.Join(dir, name)
	_ = os.MkdirAll(path, 0o711)
	return path
}

// Stop ends everything, the bridge first: it may have something to finish.
func (s *Stage) Stop() {
	s.Bridge.Stop()
	var all sync.WaitGroup
	all.Go(s.Synapse.Stop)
	all.Go(func() {
		s.Pretix.Stop() // before its database
		s.Postgres.Stop()
	})
	all.Wait()
}
