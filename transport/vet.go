package transport

import (
	"crypto/tls"
	"net/netip"
)

// Vet closes the connections that peers made by TLS and that trusted says no to,
// and gives these peers. A connection whose handshake is not done is left alone.
// It may take long, and holds up nobody meanwhile.
func (t *Layer) Vet(trusted func(tls.ConnectionState) bool) []netip.AddrPort {
	var gone []netip.AddrPort
	for _, s := range t.streams.guests() {
		if secured := s.secured(); secured != nil && !trusted(secured.ConnectionState()) {
			gone = append(gone, s.remote)
			t.streams.end(s)
		}
	}
	return gone
}

// guests are the connections that peers made.
func (ss *streams) guests() (all []*Stream) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for _, s := range ss.known {
		if s.guest {
			all = append(all, s)
		}
	}
	return all
}

// secured is the stream's TLS connection once the handshake is done; nil: none.
// To ask an earlier one for its state would wait for the handshake.
func (s *Stream) secured() *tls.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready {
		return nil
	}
	c, _ := s.conn.(*tls.Conn)
	return c
}

// end closes a stream beside: TLS says goodbye first, which a peer that takes
// nothing holds up for seconds.
func (ss *streams) end(s *Stream) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if !ss.ended {
		ss.running.Go(s.close)
	}
}
