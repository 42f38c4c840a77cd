// Package daemon is what runs: Serve takes calls, ServeVAS is the client system's
// side. Serve makes one process of the packages below it: it opens what a call
// needs, starts what brings news to the calls (client table, names of targets, who
// is drained), listens for HTTP, and drains at the end; Check does all of that but
// serve. All wiring is in daemon.go, in start order.
//
// What it is not: it knows no command line (cmd/sipid), reads no configuration
// file (package config), and does nothing to a call itself (package proxy).
package daemon
