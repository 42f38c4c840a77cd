// Command sipid is the SIP-I identification daemon and the tools around it.
// A file per command; what runs is in package daemon, and the packages below it
// know nothing of flags, files or environment.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	// The first signal drains; with the handler gone a second one ends at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args, os.Stdout, os.Stderr))
}
