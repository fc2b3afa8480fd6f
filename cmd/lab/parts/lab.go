package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
)

// Env names the file with the JSON document of the lab that runs.
const Env = "MATRIX_PRETIX_LAB"

// Lab is everything that runs. As JSON it is what another process needs to use it.
type Lab struct {
	Dir     string   `json:"dir"`
	Synapse *Synapse `json:"synapse"`
	Pretix  *Pretix  `json:"pretix"`
	// Postgres is nil unless it was asked for.
	Postgres *Postgres `json:"postgres,omitempty"`
	// Organizer is made at the start for hands-on work. Tests make their own.
	Organizer *Organizer `json:"organizer"`
}

// Options says what a lab is to consist of. Only Dir is needed.
type Options struct {
	// Dir is an empty directory for everything that the lab writes.
	Dir string
	// Postgres runs a Postgres too, for the bridge's databases and for Pretix's.
	Postgres bool
	// Synapse are options of the homeserver; Say is filled in.
	Synapse SynapseOptions
	// Say takes a line of progress, from several goroutines; nil drops it.
	Say func(string)
}

// Start runs everything and makes the organizer "lab". ctx bounds the start only; Stop ends it all.
func Start(ctx context.Context, o Options) (*Lab, error) {
	if err := CheckMachine(ctx, Wants{Python: true, Postgres: o.Postgres}); err != nil {
		return nil, err
	}
	l, say := &Lab{Dir: o.Dir}, inTurn(sayer(o.Say))
	group, starting := errgroup.WithContext(ctx)
	group.Go(func() error {
		dir, err := subdir(o.Dir, "synapse")
		if err != nil {
			return err
		}
		options := o.Synapse
		options.Say = say
		l.Synapse, err = StartSynapse(starting, dir, options)
		return err
	})
	group.Go(func() error {
		return l.startPretix(starting, o, say)
	})
	err := group.Wait()
	if err == nil {
		l.Organizer, err = l.Pretix.NewOrganizer(ctx, OrganizerSpec{Slug: "lab", Name: "Lab organizer"})
	}
	if err != nil {
		l.Stop()
		return nil, err
	}
	return l, nil
}

func (l *Lab) startPretix(ctx context.Context, o Options, say func(string)) error {
	if o.Postgres {
		dir, err := subdir(o.Dir, "postgres")
		if err != nil {
			return err
		}
		if l.Postgres, err = StartPostgres(ctx, dir, PostgresOptions{Say: say}); err != nil {
			return err
		}
	}
	dir, err := subdir(o.Dir, "pretix")
	if err != nil {
		return err
	}
	l.Pretix, err = StartPretix(ctx, dir, PretixOptions{Postgres: l.Postgres, Say: say})
	return err
}

// Stop ends all that this process started.
func (l *Lab) Stop() {
	var all sync.WaitGroup
	all.Go(l.Synapse.Stop)
	all.Go(func() {
		l.Pretix.Stop() // before its database
		l.Postgres.Stop()
	})
	all.Wait()
}

// WriteDocument writes the JSON document that [FromEnv] reads, and returns its path.
func (l *Lab) WriteDocument() (string, error) {
	path := filepath.Join(l.Dir, "lab.json")
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encode the lab's document: %w", err)
	}
	// Whoever sees the file sees all of it.
	err = errors.Join(os.WriteFile(path+".new", append(text, '\n'), 0o600), os.Rename(path+".new", path))
	return path, err
}

// ReadDocument returns the lab that a document describes. It can be used, not stopped.
func ReadDocument(path string) (*Lab, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the lab's document: %w", err)
	}
	l := &Lab{}
	if err := json.Unmarshal(text, l); err != nil {
		return nil, fmt.Errorf("read the lab's document %s: %w", path, err)
	}
	if l.Pretix == nil || l.Synapse == nil || l.Organizer == nil {
		return nil, fmt.Errorf("read the lab's document %s: it is not whole", path)
	}
	l.Pretix.Adopt(l.Organizer)
	return l, nil
}

// FromEnv returns the lab that runs, named by the environment variable MATRIX_PRETIX_LAB.
func FromEnv() (*Lab, error) {
	path := os.Getenv(Env)
	if path == "" {
		return nil, errors.New("no lab runs (" + Env + " is not set): run the tests by \"make test\", or \"make test-short\" for those without one")
	}
	return ReadDocument(path)
}

// Need returns the lab that runs. Without one the test fails: a missing real part is no reason to be green. Under -short it is
// skipped.
func Need(t testing.TB) *Lab {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the lab")
	}
	l, err := FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func subdir(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(path, 0o711); err != nil {
		return "", fmt.Errorf("make a directory for %s: %w", name, err)
	}
	return path, nil
}

// inTurn lets one goroutine speak at a time.
func inTurn(say func(string)) func(string) {
	var turn sync.Mutex
	return func(line string) {
		turn.Lock()
		defer turn.Unlock()
		say(line)
	}
}
