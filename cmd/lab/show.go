package main

import (
	"context"
	"errors"
	"flag"
	"os"

	"matrix-pretix/cmd/lab/demo"
	"matrix-pretix/cmd/lab/parts"
)

// check says, as one line to copy, what the machine lacks.
func check(ctx context.Context, args []string) (int, error) {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	postgres := flags.Bool("postgres", false, "Postgres is needed too")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return 2, errors.New("check: see usage above")
	}
	return 0, parts.CheckMachine(ctx, parts.Wants{Compiler: true, Python: true, Postgres: *postgres})
}

// showDemo gives the demo.
func showDemo(ctx context.Context, args []string) (int, error) {
	if len(args) != 1 {
		return 2, errors.New("demo: which program? \"make build\" makes ./matrix-pretix")
	}
	once := os.Getenv("ONCE")
	return demo.Run(ctx, demo.Options{Binary: args[0], Once: once != "" && once != "0", Out: os.Stdout})
}
