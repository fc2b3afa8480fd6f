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

	server  *process
	program program
}

// StartPostgres makes an empty cluster in dir and runs it. ctx bounds the start only; Stop ends the cluster.
func StartPostgres(ctx context.Context, dir string, o PostgresOptions) (*Postgres, error) {
	say, began := sayer(o.Say), time.Now()
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "cluster")
	user, err := postgresUser(dir, home)
	if err != nil {
		return nil, err
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	p := &Postgres{Port: port, User: "lab"}
	p.URI = p.uri("postgres")
	if err := initCluster(ctx, bin, dir, home, user); err != nil {
		return nil, err
	}
	p.program = program{
		name: "postgres", dir: dir, log: filepath.Join(dir, "postgres.log"), env: os.Environ(), attr: user,
		lastWill: syscall.SIGQUIT, // at once, its own children too
		args: []string{filepath.Join(bin, "postgres"), "-D", home, "-p", strconv.Itoa(port),
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
			"-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=400",
			"-c", "shared_buffers=64MB"},
	}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	say(fmt.Sprintf("postgres answers on port %d after %s", port, took(began)))
	return p, nil
}

func initCluster(ctx context.Context, bin, dir, home string, user syscall.SysProcAttr) error {
	c, err := program{
		name: "initdb", dir: dir, log: filepath.Join(dir, "initdb.log"), env: os.Environ(), attr: user, lastWill: syscall.SIGKILL,
		args: []string{filepath.Join(bin, "initdb"), "-D", home, "-A", "trust", "-U", "lab", "-E", "UTF8", "--locale=C", "--no-sync"},
	}.start()
	if err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		c.stop(syscall.SIGKILL, 0)
		return fmt.Errorf("make a cluster: %w", ctx.Err())
	}
	if c.err != nil {
		return fmt.Errorf("make a cluster: %w%s", c.err, lastLines(c.log, 20))
	}
	return nil
}

// postgresUser returns as whom the server is to run, since it refuses to be root: in a user namespace where root goes by
// another number, so that files need no other owner. Where the kernel forbids that, as nobody, who then owns the cluster.
func postgresUser(dir, home string) (syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return syscall.SysProcAttr{}, nil
	}
	const anybody, nobody = 1000, 65534
	namespace := syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: anybody, HostID: 0, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: anybody, HostID: 0, Size: 1}},
	}
	try, err := program{name: "probe", dir: "/", log: os.DevNull, attr: namespace, args: []string{"/bin/true"}}.start()
	if err == nil {
		if <-try.done; try.err == nil {
			return namespace, nil
		}
	}
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

func (p *Postgres) start(ctx context.Context) error {
	var err error
	if p.server, err = p.program.start(); err != nil {
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

// Stop ends the cluster and cuts its connections. Only who started it can.
func (p *Postgres) Stop() {
	if p != nil {
		p.server.stop(syscall.SIGINT, 10*time.Second)
		p.server = nil
	}
}

// Restart stops the cluster and starts it again with what it holds, on the same port.
func (p *Postgres) Restart(ctx context.Context) error {
	if p.server == nil {
		return errors.New("restart postgres: it was not started here")
	}
	p.Stop()
	return p.start(ctx)
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
