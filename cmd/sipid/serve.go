package main

import (
	"github.com/urfave/cli/v2"

	"sipid/config"
	"sipid/daemon"
)

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "take calls from the platforms, identify them, hand them to the agent PBX",
		Description: `Without a configuration file it serves this machine only: one trunk for
loopback callers, one PBX group of the --pbx targets. With one (sipid.yaml here,
or --config) trunks and PBX groups come from the file.

   sipid serve --pbx sip:127.0.0.1:5080
   sipid serve --config /etc/sipid/sipid.yaml --http 127.0.0.1:8060

A client added with "sipid client add" is live within a second, without a
reload. GET /readyz and /metrics on the HTTP address tell how it is doing.
SIGTERM drains: new calls get 503, running transactions finish, then it exits.`,
		Flags: append([]cli.Flag{configFlag(), dbFlag()}, serveFlags()...),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			s, err := config.Load(givenFlags(c))
			if err != nil {
				return err
			}
			return daemon.Serve(c.Context, daemon.Options{Settings: s, Version: versionString(), Log: c.App.ErrWriter})
		},
	}
}
