// Command lab runs the real Synapse, Pretix and Postgres that matrix-pretix is tried, tested and measured on.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage:
  lab up [--postgres]      leave everything running, and print its JSON document
  lab down                 stop that
  lab run [--slots N] [--] COMMAND…
                           bring everything up for a command, and down again
  lab check [--postgres]   say what the machine lacks to build and try the program
  lab demo PROGRAM         show the program at work; with ONCE=1 in the environment it ends by itself
  lab bench [--sizes 200,500] PROGRAM
                           measure the program, and print a table
`

// command is one of lab's; it returns the exit status.
type command func(ctx context.Context, args []string) (int, error)

// commands are all that there are. "serve" is what "up" leaves running, not for people.
var commands = map[string]command{
	"up": up, "down": down, "serve": serve, "check": check,
	"run": attended(runCommand), "demo": attended(showDemo), "bench": attended(measure),
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	status, err := commands[os.Args[1]](ctx, os.Args[2:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		status = max(status, 1)
	}
	os.Exit(status)
}
