package proxy

import "bytes"

// sendsMedia tells whether an SDP (RFC 4566) in a 18x announces early media: it
// has a stream that is not refused (port 0) and in which the answering side may
// send. Direction attributes of the session stand for streams that have none.
func sendsMedia(sdp []byte) bool {
	session, sends := true, true // may send: by default, in the stream being read
	open, inStream := false, false
	for len(sdp) > 0 {
		var line []byte
		line, sdp, _ = bytes.Cut(sdp, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if media, ok := bytes.CutPrefix(line, []byte("m=")); ok {
			if open && sends {
				return true
			}
			inStream, open, sends = true, portOpen(media), session
			continue
		}
		if may, ok := mediaDirection(line); ok {
			sends = may
			if !inStream {
				session = may
			}
		}
	}
	return open && sends
}

// mediaDirection reads a direction attribute: may its sender send?
func mediaDirection(line []byte) (sends, ok bool) {
	switch string(line) {
	case "a=sendrecv", "a=sendonly":
		return true, true
	case "a=recvonly", "a=inactive":
		return false, true
	}
	return false, false
}

// portOpen reads the port of "audio 4000 RTP/AVP 8".
func portOpen(media []byte) bool {
	_, rest, _ := bytes.Cut(media, []byte(" "))
	return len(rest) > 0 && rest[0] >= '1' && rest[0] <= '9'
}
