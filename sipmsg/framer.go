package sipmsg

import "bytes"

// FrameState says what a Framer made of the octets it was shown.
type FrameState uint8

// The states of a stream.
const (
	FrameHead    FrameState = iota // more octets are needed; the head is not complete
	FrameBody                      // more octets are needed; the head is
	FrameMessage                   // a message is complete
	FrameSkip                      // an empty line before a message, to be passed over (RFC 3261 7.5)
	FramePing                      // a keep-alive, to be answered with CRLF (RFC 5626 4.4.1)
	FrameBroken                    // where messages end cannot be told any more: close the connection
)

// Framer finds the messages in a stream by their Content-Length (RFC 3261 18.3).
// It is strict: one Content-Length, in digits, and no line end but CRLF, since
// readers that disagree on where a message ends see different messages. The zero
// value is ready. It remembers how far it looked, so that octets coming one by
// one cost no more than all at once.
type Framer struct {
	looked int // octets without the end of the head in them
	total  int // of the message, once its head is complete
}

// Next looks at what has come and was not consumed yet. With FrameMessage,
// FrameSkip and FramePing it gives the number of octets to consume: the next
// call must be given what follows them. Else it is to be called again with the
// same octets and more, but after FrameBroken, which is for good.
func (f *Framer) Next(b []byte) (int, FrameState) {
	if f.total == 0 {
		if n, state := f.head(b); state != FrameBody {
			return n, state
		}
	}
	if len(b) < f.total {
		return 0, FrameBody
	}
	n := f.total
	*f = Framer{}
	return n, FrameMessage
}

// head looks for the end of the head and for the length of what follows it.
func (f *Framer) head(b []byte) (int, FrameState) {
	if f.looked == 0 && len(b) > 0 && b[0] == '\r' {
		return leading(b)
	}
	from := max(f.looked-1, 0)
	end := -1
	for i := from; i < len(b); i++ {
		switch {
		case b[i] == '\n' && (i == 0 || b[i-1] != '\r'), b[i] != '\n' && i > 0 && b[i-1] == '\r':
			return 0, FrameBroken
		case b[i] == '\n' && i >= 3 && b[i-2] == '\n':
			end = i + 1
		}
		if end > 0 {
			break
		}
	}
	f.looked = len(b)
	if end < 0 {
		if len(b) >= MaxMessage {
			return 0, FrameBroken
		}
		return 0, FrameHead
	}
	length, ok := contentLength(b[:end])
	if !ok || end+length > MaxMessage {
		return 0, FrameBroken
	}
	f.total = end + length
	return 0, FrameBody
}

// leading reads the empty lines that may stand before a message.
func leading(b []byte) (int, FrameState) {
	const ping = "\r\n\r\n"
	switch {
	case len(b) >= len(ping) && string(b[:len(ping)]) == ping:
		return len(ping), FramePing
	case len(b) < len(ping) && string(b) == ping[:len(b)]:
		return 0, FrameHead
	case len(b) >= 2 && b[1] == '\n':
		return 2, FrameSkip
	}
	return 0, FrameBroken
}

// contentLength reads the one Content-Length of a complete head.
func contentLength(head []byte) (int, bool) {
	found := -1
	for len(head) > 0 {
		line := head
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			line = head[:i+1]
		}
		head = head[len(line):]
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || !namesLength(bytes.TrimRight(name, " \t")) {
			continue
		}
		n, ok := smallNumber(bytes.Trim(value, " \t\r\n"))
		if !ok || found >= 0 {
			return 0, false
		}
		found = n
	}
	return found, found >= 0
}

// namesLength knows the two names of Content-Length. No letter of theirs has a
// relative outside ASCII that a fold would take for it.
func namesLength(name []byte) bool {
	return bytes.EqualFold(name, []byte("content-length")) || bytes.EqualFold(name, []byte("l"))
}

// smallNumber reads decimal digits, up to a bit more than MaxMessage.
func smallNumber(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' || n > MaxMessage {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, len(b) > 0
}
