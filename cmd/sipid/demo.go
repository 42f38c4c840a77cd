package main

import (
	"github.com/urfave/cli/v2"

	"sipid/internal/demo"
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "show the whole method with one call on this machine",
		Description: `Starts a client system, an agent PBX and sipid on free ports of this machine,
issues a serial for a user's data, places a SIP-I call with it, and prints the
INVITE as it arrived and as it left, the claim, and what the agent's screen got.
The files go into a temporary directory and are removed. Exit code 0 when the
agent's screen showed the data that the serial was issued for.

   sipid demo
   sipid demo --keep     then look at the desk in a browser; Ctrl-C ends it`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "keep", EnvVars: []string{"SIPID_DEMO_KEEP"}, Usage: "leave everything running after the call"},
		},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return demo.Run(c.Context, demo.Options{Out: c.App.Writer, Keep: c.Bool("keep"), Version: versionString()})
		},
	}
}
