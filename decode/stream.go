package decode

import (
	"bytes"
	"strconv"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/tcpassembly"

	"sipid/sipmsg"
)

// streamFactory makes a sipStream for each direction of a connection.
type streamFactory struct{ c *Capture }

// New is called by the assembler when it sees a stream for the first time.
func (f *streamFactory) New(network, transport gopacket.Flow) tcpassembly.Stream {
	return &sipStream{c: f.c, network: network, transport: transport}
}

// sipStream cuts a TCP stream into SIP messages by Content-Length (RFC 3261
// section 18.3). What is no SIP is dropped line by line.
type sipStream struct {
	c                  *Capture
	network, transport gopacket.Flow
	pending            []byte
}

// Reassembled takes the next octets of the stream.
func (s *sipStream) Reassembled(pieces []tcpassembly.Reassembly) {
	for _, piece := range pieces {
		if piece.Skip != 0 {
			s.pending = nil // a hole: what was begun cannot be completed
		}
		s.pending = append(s.pending, piece.Bytes...)
		s.cut()
	}
}

// ReassemblyComplete is the end of the stream; a message that was begun is lost.
func (s *sipStream) ReassemblyComplete() { s.pending = nil }

func (s *sipStream) cut() {
	for {
		s.pending = bytes.TrimLeft(s.pending, "\r\n") // keep-alives, RFC 5626 section 4.4.1
		end := bytes.IndexByte(s.pending, '\n')
		if end < 0 {
			break
		}
		if !isSIP(s.pending[:end+1]) {
			s.pending = s.pending[end+1:]
			continue
		}
		head := bytes.Index(s.pending, []byte("\r\n\r\n"))
		if head < 0 {
			break
		}
		whole := head + 4 + contentLength(s.pending[:head])
		if whole > len(s.pending) {
			break
		}
		s.c.found(s.network, s.transport, s.pending[:whole:whole])
		s.pending = s.pending[whole:]
	}
	if len(s.pending) > 2*sipmsg.MaxMessage {
		s.pending = nil
	}
}

// contentLength finds the header in a head; 0 when it is missing or broken.
func contentLength(head []byte) int {
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		name = bytes.TrimSpace(name)
		if !bytes.EqualFold(name, []byte("Content-Length")) && !bytes.EqualFold(name, []byte("l")) {
			continue
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 31)
		if err != nil || n > sipmsg.MaxMessage {
			return 0
		}
		return int(n)
	}
	return 0
}
