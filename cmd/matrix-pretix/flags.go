package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// options are what the command line says.
type options struct {
	config       string
	registration string
	example      bool
	generate     bool
	version      bool
	help         bool
}

const usage = `matrix-pretix invites the holders of Pretix tickets to Matrix rooms.

  -c, --config FILE                  the config (default: config.yaml)
  -r, --registration FILE            the registration (default: registration.yaml)
  -e, --generate-example-config      write an example to the config's path
  -g, --generate-registration        fill the empty secrets of the config and write the registration
  -v, --version                      print the version
  -h, --help                         print this

Without -e, -g, -v or -h it runs.
`

// parse reads the command line. The names are those of mautrix bridges.
func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("matrix-pretix", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, name := range []string{"c", "config"} {
		flags.StringVar(&o.config, name, "config.yaml", "")
	}
	for _, name := range []string{"r", "registration"} {
		flags.StringVar(&o.registration, name, "registration.yaml", "")
	}
	for into, names := range map[*bool][]string{
		&o.example: {"e", "generate-example-config"}, &o.generate: {"g", "generate-registration"},
		&o.version: {"v", "version"}, &o.help: {"h", "help"},
	} {
		for _, name := range names {
			flags.BoolVar(into, name, false, "")
		}
	}
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("%w; -h lists what there is", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("nothing is expected after the flags, got %s; -h lists what there is", strings.Join(flags.Args(), " "))
	}
	if o.example && o.generate {
		return o, fmt.Errorf("-e and -g are two steps: the example's addresses need to be filled in between")
	}
	return o, nil
}
