package main

import (
	"github.com/urfave/cli/v2"

	"sipid/daemon"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "validate the configuration, the key file and the client table; change nothing",
		Description: `Reads everything serve would read and says what is wrong, all of it at once,
with line and field. Warnings name settings that have no effect in this release.

   sipid check                          checks sipid.yaml in this directory
   sipid check --config /etc/sipid/sipid.yaml

Exit codes: 0 serve would start, 1 something is invalid, 2 wrong usage.`,
		Flags: []cli.Flag{configFlag(), dbFlag()},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return daemon.Check(c.Context, givenFlags(c), c.App.Writer)
		},
	}
}
