// Command matrix-pretix invites the holders of Pretix tickets to Matrix rooms.
//
//	matrix-pretix -e    writes an example config
//	matrix-pretix -g    fills in its secrets and writes the registration for the homeserver
//	matrix-pretix       runs, until SIGINT or SIGTERM
//
// Start with run.go: the steps from the config to a running bridge. Only one process per database works; another one waits
// (standby.go) and takes over, and what it then does is in drive.go. What is decided before anything is built stands in the
// packages beside this one: config, logs, listener and preflight.
//
// # Exit statuses
//
//	0  asked to stop, or done with -e, -g, -v or -h
//	1  the command line or the config is wrong, this build lacks something that the config asks for, or the database is not the config's:
//	   with other keys or Pretix servers, written by a newer version, or another program's
//	3  the port cannot be listened on
//	4  the database: away for a minute, or it refuses
//	5  the lock on the database was lost: another process may be working now
//	6  the homeserver and the registration do not fit the config
//	7  the start on the homeserver did not succeed
//	8  the work had to stop; the log says why
//	9  asked to stop, but something did not end in time
//
// All but 0, 1 and 6 may be different at the next try, so that a supervisor does well to start the program again.
package main
