package parts

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/template"
	"time"

	"gopkg.in/yaml.v3"
)

// BridgeOptions says what a bridge ties together. All addresses have to be known before anything listens there, because the
// homeserver needs the registration at its own start.
type BridgeOptions struct {
	// Binary is the program, as "make build" makes it.
	Binary string
	// Homeserver and Pretix are the addresses of both.
	Homeserver string
	Pretix     string
	// Public is where Pretix calls; "" is where the bridge listens.
	Public string
	// Port is where the bridge listens.
	Port int
	// Database is the URI of an empty Postgres database; "" is an SQLite file.
	Database string
}

// Bridge is the program itself, run as an admin would run it: from a config, with a registration that it has written.
type Bridge struct {
	URL string
	// Bot is the user ID of the bot that people talk to.
	Bot          string
	ASToken      string
	Config       string
	Registration string
	Log          string

	server  *process
	program program
}

//go:embed bridge.yaml.tmpl
var bridgeConfig string

var bridgeTemplate = template.Must(template.New("config.yaml").Parse(bridgeConfig))

// PrepareBridge writes a config into dir and lets the program fill in its secrets and write its registration. Start runs it, when
// the homeserver has that.
func PrepareBridge(ctx context.Context, dir string, o BridgeOptions) (*Bridge, error) {
	binary, err := filepath.Abs(o.Binary)
	if err != nil {
		return nil, fmt.Errorf("find the program: %w", err)
	}
	b := &Bridge{
		URL: Loopback(o.Port), Bot: "@pretixbot:" + ServerName, Config: filepath.Join(dir, "config.yaml"),
		Registration: filepath.Join(dir, "registration.yaml"), Log: filepath.Join(dir, "bridge.log"),
	}
	if err := b.writeConfig(o); err != nil {
		return nil, err
	}
	b.program = program{
		name: "bridge", dir: dir, log: b.Log, lastWill: syscall.SIGKILL, env: withoutSecrets(os.Environ()),
		args: []string{binary, "-c", b.Config, "-r", b.Registration},
	}
	generate := b.program
	generate.log, generate.args = filepath.Join(dir, "generate.log"), append(slices.Clone(generate.args), "-g")
	if err := generate.run(ctx); err != nil {
		return nil, err
	}
	return b, b.readToken()
}

func (b *Bridge) writeConfig(o BridgeOptions) error {
	kind, database := "postgres", o.Database
	if database == "" {
		kind, database = "sqlite3-fk-wal", "file:"+filepath.Join(filepath.Dir(b.Config), "bridge.db")
	}
	var text strings.Builder
	err := bridgeTemplate.Execute(&text, map[string]any{
		"Homeserver": o.Homeserver, "Domain": ServerName, "Pretix": o.Pretix, "URL": b.URL, "Port": o.Port,
		"Public": orElse(o.Public, b.URL), "DatabaseType": kind, "Database": database,
	})
	return errors.Join(err, os.WriteFile(b.Config, []byte(text.String()), 0o600))
}

// withoutSecrets drops what would take the place of the config's secrets.
func withoutSecrets(env []string) []string {
	var kept []string
	for _, variable := range env {
		if !strings.HasPrefix(variable, "MATRIX_PRETIX_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// readToken reads by which token the homeserver knows the bots.
func (b *Bridge) readToken() error {
	text, err := os.ReadFile(b.Registration)
	if err != nil {
		return fmt.Errorf("read the registration: %w", err)
	}
	var registration struct {
		ASToken string `yaml:"as_token"`
	}
	if err := yaml.Unmarshal(text, &registration); err != nil {
		return fmt.Errorf("read the registration: %w", err)
	}
	b.ASToken = registration.ASToken
	return nil
}

// Start runs the program and returns when it works. ctx bounds the start only; Stop ends it.
func (b *Bridge) Start(ctx context.Context) error {
	var err error
	if b.server, err = b.program.start(); err != nil {
		return err
	}
	err = b.server.ready(ctx, time.Minute, func(ctx context.Context) error {
		return call(ctx, "GET", b.URL+"/_matrix/mau/ready", http.Header{}, nil, nil)
	})
	if err != nil {
		b.Stop()
	}
	return err
}

// Stop ends the program. Only who started it can.
func (b *Bridge) Stop() {
	if b != nil {
		b.server.stop(syscall.SIGTERM, 12*time.Second)
		b.server = nil
	}
}

// PID is the process, while it runs.
func (b *Bridge) PID() int { return b.server.pid }

// Ended is closed when the process ends, whoever ended it.
func (b *Bridge) Ended() <-chan struct{} { return b.server.done }

// LastLines is the end of the log, for the text of an error.
func (b *Bridge) LastLines(n int) string { return lastLines(b.Log, n) }
