package parts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver
)

// PostgresOptions says how a cluster is to be run. The zero value will do.
type PostgresOptions struct {
	// Say takes a line of progress; nil drops it.
	Say func(string)
}

// Postgres is a cluster of its own on this machine: trusting everybody on the loopback interface, fast because it may lose
// everything in a crash.
type Postgres struct {
	Port int    `json:"port"`
	User string `json:"user"`
	// URI names the maintenance database as the superuser.
	URI string `json:"uri"`
	// Data is the directory of its files.
	Data string `json:"data"`

	server *process
}

// StartPostgres makes an empty cluster in dir and runs it. ctx bounds the start only; Stop ends the cluster.
func StartPostgres(ctx context.Context, dir string, o PostgresOptions) (*Postgres, error) {
	say, began := sayer(o.Say), time.Now()
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	p := &Postgres{User: "lab", Data: filepath.Join(dir, "cluster")}
	user, err := postgresUser(ctx, dir, p.Data)
	if err != nil {
		return nil, err
	}
	if err := p.startAs(ctx, user, bin, dir); err != nil {
		return nil, err
	}
	say(fmt.Sprintf("postgres answers on port %d after %s", p.Port, took(began)))
	return p, nil
}

// startAs makes the cluster and runs it as somebody who may have it.
func (p *Postgres) startAs(ctx context.Context, user syscall.SysProcAttr, bin, dir string) error {
	var err error
	if p.Port, err = FreePort(); err != nil {
		return err
	}
	p.URI = p.uri("postgres")
	err = program{
		name: "initdb", dir: dir, log: filepath.Join(dir, "initdb.log"), attr: user, lastWill: syscall.SIGKILL,
		args: []string{filepath.Join(bin, "initdb"), "-D", p.Data, "-A", "trust", "-U", p.User, "-E", "UTF8", "--locale=C", "--no-sync"},
	}.run(ctx)
	if err != nil {
		return err
	}
	server := program{
		name: "postgres", dir: dir, log: filepath.Join(dir, "postgres.log"), attr: user,
		lastWill: syscall.SIGQUIT, // at once, its own children too
		args: []string{filepath.Join(bin, "postgres"), "-D", p.Data, "-p", strconv.Itoa(p.Port),
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
			"-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=400",
			"-c", "shared_buffers=64MB"},
	}
	if p.server, err = server.start(); err != nil {
		return err
	}
	err = p.server.ready(ctx, 30*time.Second, func(ctx context.Context) error {
		return p.exec(ctx, "SELECT 1")
	})
	if err != nil {
		p.Stop()
	}
	return err
}

// postgresUser returns as whom the server is to run, since it refuses to be root: in a user namespace where root goes by
// another number, so that files need no other owner; where the kernel forbids that, as nobody.
func postgresUser(ctx context.Context, dir, home string) (syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return syscall.SysProcAttr{}, nil
	}
	const anybody = 1000
	namespace := syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: anybody, HostID: 0, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: anybody, HostID: 0, Size: 1}},
	}
	probe := program{name: "probe", dir: dir, log: os.DevNull, attr: namespace, lastWill: syscall.SIGKILL, args: []string{"/bin/true"}}
	if probe.run(ctx) == nil {
		return namespace, nil
	}
	return asNobody(dir, home)
}

// asNobody gives the cluster to nobody, who then runs it.
func asNobody(dir, home string) (syscall.SysProcAttr, error) {
	const nobody = 65534
	if err := errors.Join(os.MkdirAll(home, 0o700), os.Chown(home, nobody, nobody)); err != nil {
		return syscall.SysProcAttr{}, fmt.Errorf("give the cluster to nobody: %w", err)
	}
	for at := dir; at != "/"; at = filepath.Dir(at) {
		stat, err := os.Stat(at)
		if err != nil || stat.Mode().Perm()&0o001 == 0 {
			return syscall.SysProcAttr{}, fmt.Errorf("run postgres as nobody: %s is closed to others; choose another TMPDIR", at)
		}
	}
	return syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, nil
}

// Stop ends the cluster and cuts its connections. Only who started it can.
func (p *Postgres) Stop() {
	if p != nil {
		p.server.stop(syscall.SIGINT, 10*time.Second)
		p.server = nil
	}
}

// NewDatabase makes an empty database and returns its URI, and a function that drops it with whatever is still connected.
func (p *Postgres) NewDatabase(ctx context.Context) (uri string, drop func(), err error) {
	name := "lab_" + token(12)
	if err := p.exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	drop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		// What cannot be dropped goes with the cluster.
		_ = p.exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	return p.uri(name), drop, nil
}

func (p *Postgres) uri(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", p.User, p.Port, database)
}

func (p *Postgres) exec(ctx context.Context, query string) error {
	db, err := sql.Open("postgres", p.URI)
	if err != nil {
		return fmt.Errorf("open the maintenance database: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("ask postgres: %w", err)
	}
	return nil
}

// sayer returns a function that is safe to call even if nobody listens.
func sayer(say func(string)) func(string) {
	if say == nil {
		return func(string) {}
	}
	return say
}
