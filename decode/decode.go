package decode

import (
	"errors"
	"fmt"
	"io"

	"sipid/isupbody"
)

// finding is one ISUP message and where it was.
type finding struct {
	Place    string // packet, addresses, SIP start line; empty for bare octets
	Label    isupbody.Variant
	Octets   []byte
	Warnings []string // about the way it was wrapped
}

// output writes messages as they are found: a capture may be large.
type output interface {
	message(f *finding, m *isupbody.Message, warnings []string) error
	end() error
}

// decoder takes octets of any kind apart and writes what it finds.
type decoder struct {
	out      output
	warnings io.Writer
	unknown  int // messages of a type that is not known
	err      error
	sip      sipReader
}

// Options says how Arguments prints.
type Options struct {
	JSON     bool      // an array with an object for each message, not text
	In       io.Reader // what the argument - stands for
	Out      io.Writer
	Warnings io.Writer // for what no ISUP message can carry
}

// Arguments prints all ISUP in args. Each is the name of a file, - for o.In, or
// hexadecimal; a file wins. A file is a SIP message, a capture (pcap, pcapng),
// hexadecimal text, or the octets of an ISUP message. An error says which
// argument could not be read, or that a message has a type that ISUP does not
// know; what could be read is printed before it.
func Arguments(args []string, o Options) error {
	d := &decoder{out: newOutput(o.Out, o.JSON), warnings: o.Warnings}
	inputs, err := readArguments(args, o.In)
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
func (d *decoder) found(f *finding) {
	m, err := isupbody.Decode(f.Octets, f.Label)
	if !m.Type().Known() {
		d.unknown++
	}
	if d.err == nil {
		d.err = d.out.message(f, &m, warningsOf(f, &m, err))
	}
}

// warn is for what no ISUP message can carry: a body that could not be split, a
// packet that could not be read.
func (d *decoder) warn(place, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if place != "" {
		text = place + ": " + text
	}
	fmt.Fprintln(d.warnings, "sipid: warning: "+Visible(text))
}
