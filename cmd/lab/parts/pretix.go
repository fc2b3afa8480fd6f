package parts

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"
)

// PretixOptions says how a Pretix is to be run. The zero value will do.
type PretixOptions struct {
	// Port is where it listens, 0 for any.
	Port int
	// Postgres is the cluster to keep the data in. Else it is SQLite, where all of Pretix waits while a webhook is on its way.
	Postgres *Postgres
	// Say takes a line of progress; nil drops it.
	Say func(string)
}

// Pretix is a shop server without a single organizer; NewOrganizer makes them.
type Pretix struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
	Dir    string `json:"dir"`
	Log    string `json:"log"`
	// Mail is the directory of the mails that it sent, one file each.
	Mail string `json:"mail"`

	server *process
}

//go:embed python/*.py
var pythonFiles embed.FS

//go:embed pretix.cfg.tmpl
var pretixConfig string

var pretixTemplate = template.Must(template.New("pretix.cfg").Parse(pretixConfig))

// StartPretix runs a Pretix with an empty database in dir. ctx bounds the start only; Stop ends it.
func StartPretix(ctx context.Context, dir string, o PretixOptions) (*Pretix, error) {
	say := sayer(o.Say)
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	home, err := pretixVenv.install(ctx, cache, say)
	if err != nil {
		return nil, err
	}
	port, err := portOr(o.Port)
	if err != nil {
		return nil, err
	}
	p := &Pretix{
		URL: Loopback(port), Secret: token(26), Dir: dir,
		Log: filepath.Join(dir, "pretix.log"), Mail: filepath.Join(dir, "data", "mail"),
	}
	m := migration{pretix: p, cache: cache, python: filepath.Join(home, "bin", "python"), postgres: o.Postgres, say: say}
	if m.env, err = p.layOut(); err != nil {
		return nil, err
	}
	database, err := m.database(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.writeConfig(database); err != nil {
		return nil, err
	}
	server := program{
		name: "pretix", dir: dir, log: p.Log, env: m.env, lastWill: syscall.SIGTERM, // its worker ends with it
		args: []string{filepath.Join(home, "bin", "gunicorn"), "lab_wsgi", "--bind", fmt.Sprintf("127.0.0.1:%d", port),
			"--workers", "1", "--threads", "16", "--timeout", "300", "--graceful-timeout", "2", "--no-control-socket"},
	}
	began := time.Now()
	if err := p.start(ctx, server); err != nil {
		return nil, err
	}
	say(fmt.Sprintf("pretix answers on %s after %s", p.URL, took(began)))
	return p, nil
}

// layOut writes the Python files and returns the environment in which Pretix's programs run.
func (p *Pretix) layOut() ([]string, error) {
	code := filepath.Join(p.Dir, "python")
	if err := os.MkdirAll(code, 0o755); err != nil {
		return nil, fmt.Errorf("make a directory for Pretix: %w", err)
	}
	files, err := pythonFiles.ReadDir("python")
	if err != nil {
		return nil, fmt.Errorf("read the embedded Python files: %w", err)
	}
	for _, file := range files {
		text, err := pythonFiles.ReadFile("python/" + file.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(code, file.Name()), text, 0o644)
		}
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", file.Name(), err)
		}
	}
	return append(direct(os.Environ()), "PRETIX_CONFIG_FILE="+filepath.Join(p.Dir, "pretix.cfg"), "DJANGO_SETTINGS_MODULE=lab_settings",
		"PYTHONPATH="+code, "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "LAB_SECRET="+p.Secret), p.writeConfig("backend=sqlite3")
}

func (p *Pretix) writeConfig(database string) error {
	var config strings.Builder
	err := pretixTemplate.Execute(&config, map[string]string{"URL": p.URL, "Data": filepath.Join(p.Dir, "data"), "Database": database})
	if err != nil {
		return fmt.Errorf("write Pretix's config: %w", err)
	}
	return errors.Join(
		os.MkdirAll(p.Mail, 0o755),
		os.WriteFile(filepath.Join(p.Dir, "pretix.cfg"), []byte(config.String()), 0o600),
	)
}

func (p *Pretix) start(ctx context.Context, server program) error {
	var err error
	if p.server, err = server.start(); err != nil {
		return err
	}
	err = p.server.ready(ctx, 2*time.Minute, func(ctx context.Context) error {
		// Its own health check wants a redis. Who is unknown may not ask for the version: that is a sign of life too.
		err := call(ctx, "GET", p.URL+"/api/v1/version", nil, nil, nil)
		if refusal, ok := errors.AsType[*HTTPError](err); ok && refusal.Status == http.StatusForbidden {
			return nil
		}
		return err
	})
	if err != nil {
		p.Stop()
	}
	return err
}

// Stop ends the server. Only who started it can.
func (p *Pretix) Stop() {
	if p != nil {
		p.server.stop(syscall.SIGTERM, 5*time.Second)
		p.server = nil
	}
}
