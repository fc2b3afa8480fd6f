package parts

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"
)

// SynapseOptions says how a homeserver is to be run. The zero value will do.
type SynapseOptions struct {
	// Port is where it listens, 0 for any.
	Port int
	// Slots is how many registrations are prepared, 0 for DefaultSlots, negative for none.
	Slots int
	// Registrations are files of further application services.
	Registrations []string
	// Config is YAML that is loaded last, and so may change anything.
	Config string
	// Say takes a line of progress; nil drops it.
	Say func(string)
}

// ServerName is what the lab's homeserver calls itself. It has a dot, because many programs take a name without for invalid.
const ServerName = "lab.example"

// Synapse is a homeserver with its default rate limits, and the keys to it.
type Synapse struct {
	URL          string `json:"url"`
	ServerName   string `json:"server_name"`
	SharedSecret string `json:"shared_secret"`
	Admin        *User  `json:"admin"`
	Slots        []Slot `json:"slots"`
	Dir          string `json:"dir"`
	Log          string `json:"log"`

	server *process
}

//go:embed synapse.yaml.tmpl
var synapseConfig string

var synapseTemplate = template.Must(template.New("synapse.yaml").Parse(synapseConfig))

// StartSynapse runs a homeserver with an empty database in dir. ctx bounds the start only; Stop ends it.
func StartSynapse(ctx context.Context, dir string, o SynapseOptions) (*Synapse, error) {
	say := sayer(o.Say)
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	home, err := synapseVenv.install(ctx, cache, say)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	s, err := layOutSynapse(dir, o)
	if err != nil {
		return nil, err
	}
	server := program{
		name: "synapse", dir: dir, log: filepath.Join(dir, "stdout.log"), lastWill: syscall.SIGKILL,
		env: append(direct(os.Environ()), "PYTHONDONTWRITEBYTECODE=1", "SYNAPSE_USE_EXPERIMENTAL_FORKING_LAUNCHER="),
		args: []string{filepath.Join(home, "bin", "python"), "-m", "synapse.app.homeserver",
			"-c", filepath.Join(dir, "homeserver.yaml"), "-c", filepath.Join(dir, "more.yaml")},
	}
	if err := s.start(ctx, server); err != nil {
		return nil, err
	}
	if s.Admin, err = s.Register(ctx, "labadmin", UserOptions{Admin: true, Unlimited: true}); err != nil {
		s.Stop()
		return nil, err
	}
	say(fmt.Sprintf("synapse answers on %s after %s", s.URL, took(began)))
	return s, nil
}

// layOutSynapse writes everything that the homeserver reads.
func layOutSynapse(dir string, o SynapseOptions) (*Synapse, error) {
	port, err := portOr(o.Port)
	if err != nil {
		return nil, err
	}
	s := &Synapse{
		URL: Loopback(port), ServerName: ServerName, SharedSecret: token(26), Dir: dir,
		Log: filepath.Join(dir, "homeserver.log"),
	}
	if o.Slots == 0 {
		o.Slots = DefaultSlots
	}
	if s.Slots, err = writeSlots(filepath.Join(dir, "slots"), max(0, o.Slots)); err != nil {
		return nil, err
	}
	registrations := append([]string(nil), o.Registrations...)
	for _, slot := range s.Slots {
		registrations = append(registrations, slot.Path)
	}
	var config strings.Builder
	err = synapseTemplate.Execute(&config, map[string]any{
		"Name": s.ServerName, "URL": s.URL, "Port": port, "Dir": dir, "Secret": s.SharedSecret, "Log": s.Log,
		"Registrations": registrations,
	})
	if err != nil {
		return nil, fmt.Errorf("write Synapse's config: %w", err)
	}
	logging := strings.ReplaceAll(synapseLogging, "LOGFILE", s.Log)
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "homeserver.yaml"), []byte(config.String()), 0o600),
		os.WriteFile(filepath.Join(dir, "more.yaml"), []byte(o.Config), 0o600),
		os.WriteFile(filepath.Join(dir, "log.yaml"), []byte(logging), 0o600),
		os.WriteFile(filepath.Join(dir, "signing.key"), []byte("ed25519 a_lab "+signingSeed()+"\n"), 0o600),
	)
	return s, err
}

func (s *Synapse) start(ctx context.Context, server program) error {
	var err error
	if s.server, err = server.start(); err != nil {
		return err
	}
	err = s.server.ready(ctx, 2*time.Minute, func(ctx context.Context) error {
		return s.Call(ctx, "", "GET", "/_matrix/client/versions", nil, nil)
	})
	if err != nil {
		s.Stop()
	}
	return err
}

// Stop ends the homeserver. Only who started it can.
func (s *Synapse) Stop() {
	if s != nil {
		s.server.stop(syscall.SIGTERM, 5*time.Second)
		s.server = nil
	}
}

// PID is the process, while it runs. Only who started it knows.
func (s *Synapse) PID() int { return s.server.pid }
