package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"sipid/internal/sipsim"
	"sipid/internal/trial"
)

const defaultPBXListen = "udp:127.0.0.1:5080"

func pbxCommand() *cli.Command {
	return &cli.Command{
		Name:  "pbx",
		Usage: "answer calls as a small agent PBX, and print what arrives",
		Description: `For trials: it shows the INVITE's first line, its X- headers, whether ISUP is
left in the body, and the media line, all as received. No media is sent.

   sipid pbx --listen udp:127.0.0.1:5080
   sipid pbx --behave busy

Behaviours: ` + sipsim.ScriptNames() + `.
SIGINT or SIGTERM ends it: calls that ring get 503, answered ones a BYE.`,
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name: "listen", EnvVars: []string{"SIPID_PBX_LISTEN"}, Value: defaultPBXListen,
				Usage: "take SIP on udp:`ADDRESS:PORT`; port 0 picks one and prints it",
			},
			&cli.StringFlag{Name: "behave", EnvVars: []string{"SIPID_PBX_BEHAVE"}, Value: "answer", Usage: "what to do with calls, by `NAME`"},
			&cli.BoolFlag{
				Name: "json", EnvVars: []string{"SIPID_PBX_JSON"},
				Usage: "print one JSON object for each call, when it is over",
			},
		},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			script, err := sipsim.NamedScript(c.String("behave"))
			if err != nil {
				return usagef("--behave: %w", err)
			}
			listen := c.String("listen")
			if !strings.HasPrefix(listen, "udp:") {
				return usagef("--listen %q: write udp:ADDRESS:PORT", listen)
			}
			return trial.Answer(c.Context, trial.PBX{
				Listen: listen, Script: script, Out: c.App.Writer, Notices: c.App.ErrWriter, JSON: c.Bool("json"),
			})
		},
	}
}
