package main

import (
	"github.com/urfave/cli/v2"

	"sipid/decode"
)

func decodeCommand() *cli.Command {
	return &cli.Command{
		Name:      "decode",
		Usage:     "show the ISUP in hexadecimal, a SIP message or a capture file",
		ArgsUsage: "FILE|-|HEX...",
		Description: `Prints every ISUP message found, parameter by parameter. A FILE, or standard
input for -, may hold a whole SIP message, a pcap or pcapng capture (fragments
and TCP streams are put together), hexadecimal text, or the bare octets of an
ISUP message. A file wins over hexadecimal of the same name. Hexadecimal words
are one message, or one each if every one of them is long or complete.

   sipid decode 010020010a0302070503905961f52808031001100000002400
   sipid decode invite.sip
   tcpdump -w - port 5060 | sipid decode --json -

Exit code 1: a message of a type that ISUP does not have, or a broken file.`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "a JSON array, one object a message"}},
		Action: runDecode,
	}
}

func runDecode(c *cli.Context) error {
	if !c.Args().Present() {
		return usagef("give a file, - for standard input, or hexadecimal; see %s --help", c.Command.HelpName)
	}
	o := decode.Options{JSON: c.Bool("json"), In: c.App.Reader, Out: c.App.Writer, Warnings: c.App.ErrWriter}
	return decode.Arguments(c.Args().Slice(), o)
}
