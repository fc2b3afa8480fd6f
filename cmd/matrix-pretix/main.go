package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // an image made from scratch has none, and an event's days are counted in its own time zone

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/cmd/matrix-pretix/logs"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr, os.Environ))
}

// command does what the command line says and returns the exit status.
func command(args []string, stdout io.Writer, stderr *os.File, env config.Environment) int {
	o, err := parse(args)
	switch {
	case err != nil:
	case o.help:
		fmt.Fprint(stdout, usage)
	case o.version:
		fmt.Fprintln(stdout, "matrix-pretix", version())
	case o.example:
		if err = config.WriteExample(o.config); err == nil {
			fmt.Fprintf(stdout, "%s is written. Fill in the addresses, the domain and the permissions, then run with -g.\n", o.config)
		}
	case o.generate:
		if err = config.Generate(o.config, o.registration, env); err == nil {
			fmt.Fprintf(stdout, "%s is written. Name it in the homeserver's config (Synapse: app_service_config_files), restart the homeserver, then run without flags.\n", o.registration)
		}
	default:
		return serve(o, stderr, env)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return statusConfig
	}
	return statusOK
}

// serve runs the bridge until a signal. A second signal ends the process at once.
func serve(o options, out *os.File, env config.Environment) int {
	c, err := config.Load(o.config, env)
	if err != nil {
		fmt.Fprintln(out, err)
		return statusConfig
	}
	c.RegistrationFile = o.registration
	log, err := logs.New(c.Logging.MinLevel, c.Logging.Format, zapcore.AddSync(out), rules(c))
	if err != nil {
		fmt.Fprintln(out, err)
		return statusConfig
	}
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer restore()
	context.AfterFunc(ctx, restore)
	log.Info("starting", zap.String("version", version()))
	err = run(ctx, c, log)
	status := statusOf(err)
	if err != nil {
		log.Error("stopped", zap.Int("exit_status", status), zap.Error(err))
	} else {
		log.Info("stopped", zap.Int("exit_status", status))
	}
	return status
}

func rules(c *config.Config) logs.Rules {
	return logs.Rules{IsBot: c.IsBot, Secrets: c.Secrets()}
}
