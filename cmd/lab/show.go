package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"matrix-pretix/cmd/lab/bench"
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

// measure runs the benchmark.
func measure(ctx context.Context, args []string) (int, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	list := flags.String("sizes", "200,500", "of how many tickets everybody is invited at once")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 {
		return 2, errors.New("bench: see usage above; \"make build\" makes the program, ./matrix-pretix")
	}
	var sizes []int
	for text := range strings.SplitSeq(*list, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 {
			return 2, fmt.Errorf("bench: how many is %q?", text)
		}
		sizes = append(sizes, size)
	}
	return 0, bench.Run(ctx, bench.Options{Binary: flags.Arg(0), Sizes: sizes, Out: os.Stdout, Say: say})
}
