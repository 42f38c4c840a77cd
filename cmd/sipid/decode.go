package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"sipid/isupbody"
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
	return decodeArguments(c.Args().Slice(), c.Bool("json"), c.App.Reader, c.App.Writer, c.App.ErrWriter)
}

// isupFound is one ISUP message and where it was.
type isupFound struct {
	Place    string // packet, addresses, SIP start line; empty for bare octets
	Label    isupbody.Variant
	Octets   []byte
	Warnings []string // about the way it was wrapped
}

// decodeOutput writes messages as they are found: a capture may be large.
type decodeOutput interface {
	message(f *isupFound, m *isupbody.Message, warnings []string) error
	end() error
}

// decoder takes octets of any kind apart and writes what it finds.
type decoder struct {
	out     decodeOutput
	stderr  io.Writer
	unknown int // messages of a type that is not known
	err     error
	sip     sipReader
}

// decodeArguments reads every argument and writes all ISUP in them.
func decodeArguments(args []string, asJSON bool, stdin io.Reader, stdout, stderr io.Writer) error {
	d := &decoder{out: newDecodeOutput(stdout, asJSON), stderr: stderr}
	inputs, err := decodeInputs(args, stdin)
	if err != nil {
		return err
	}
	for _, in := range inputs {
		if err := d.read(in); err != nil {
			return errors.Join(d.out.end(), err)
		}
	}
	if err := errors.Join(d.out.end(), d.err); err != nil {
		return err
	}
	if d.unknown > 0 {
		return fmt.Errorf("%d of the messages have a type that ISUP does not know", d.unknown)
	}
	return nil
}

// found decodes one message and writes it.
func (d *decoder) found(f *isupFound) {
	m, err := isupbody.Decode(f.Octets, f.Label)
	if !m.Type().Known() {
		d.unknown++
	}
	if d.err == nil {
		d.err = d.out.message(f, &m, decodeWarnings(f, &m, err))
	}
}

// warn is for what no ISUP message can carry: a body that could not be split, a
// packet that could not be read.
func (d *decoder) warn(place, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if place != "" {
		text = place + ": " + text
	}
	fmt.Fprintln(d.stderr, "sipid: warning: "+visible(text))
}
