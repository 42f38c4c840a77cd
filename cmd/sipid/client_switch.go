package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"sipid/sqlite"
)

func clientRemoveCommand() *cli.Command {
	return oneClientCommand("rm", "remove a client; the history keeps what it was", "removed",
		func(ctx context.Context, s *sqlite.Store, id, by string) error { return s.RemoveClient(ctx, id, by) })
}

func clientEnableCommand() *cli.Command {
	return oneClientCommand("enable", "identify a client's calls again", "enabled",
		func(ctx context.Context, s *sqlite.Store, id, by string) error {
			return s.SetEnabled(ctx, id, true, by)
		})
}

func clientDisableCommand() *cli.Command {
	return oneClientCommand("disable", "keep a client, but stop identifying its calls", "disabled",
		func(ctx context.Context, s *sqlite.Store, id, by string) error {
			return s.SetEnabled(ctx, id, false, by)
		})
}

// oneClientCommand is a command that does one thing to one client.
func oneClientCommand(name, usage, done string, do func(ctx context.Context, s *sqlite.Store, id, by string) error) *cli.Command {
	return &cli.Command{
		Name:        name,
		Usage:       usage,
		ArgsUsage:   "ACCESS-ID",
		Description: "   sipid client " + name + " 1001",
		Flags:       []cli.Flag{accessIDFlag(), byFlag(), dbFlag()},
		Action: func(c *cli.Context) error {
			id, err := accessIDArg(c)
			if err != nil {
				return err
			}
			return withClients(c, func(ctx context.Context, s *sqlite.Store) error {
				if err := do(ctx, s, id, writtenBy(c)); err != nil {
					return explainID(id, err)
				}
				return say(c, "%s %s", done, id)
			})
		},
	}
}
