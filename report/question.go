package report

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"sipid/transport"
)

// Question asks where a call would go, by `sipid route explain` or over HTTP.
// Exactly one of Message, Capture, ISUP and the pair of Called and Calling is
// given.
type Question struct {
	Message []byte `json:"message"` // a whole SIP INVITE; base64 in JSON
	Capture []byte `json:"-"`       // a pcap or pcapng file
	ISUP    string `json:"isup"`    // an IAM in hexadecimal
	Called  string `json:"called"`
	Calling string `json:"calling"`
	Source  string `json:"source"` // where it comes from: ADDRESS or ADDRESS:PORT
}

// ErrQuestion means that a Question cannot be answered as it stands: none of
// its four forms is given, or more than one.
var ErrQuestion = errors.New("give one of: a message, an ISUP message in hexadecimal, or called and calling")

// Raw is the SIP message the question is about. For ISUP and numbers a minimal
// SIP-I INVITE is made, so that the same code runs as for a call.
func (q *Question) Raw() ([]byte, error) {
	numbers := q.Called != "" || q.Calling != ""
	given := 0
	for _, there := range []bool{len(q.Message) > 0, q.ISUP != "", numbers} {
		if there {
			given++
		}
	}
	if given != 1 {
		return nil, ErrQuestion
	}
	switch {
	case numbers:
		isup, err := minimalIAM(q.Called, q.Calling)
		if err != nil {
			return nil, err
		}
		return minimalInvite(isup, q.Called, q.Calling)
	case q.ISUP != "":
		isup, err := parseOctets(q.ISUP)
		if err != nil {
			return nil, err
		}
		return minimalInvite(isup, calledIn(isup), "")
	}
	return q.Message, nil
}

// source is where the message comes from; this machine when not given.
func (q *Question) source() (netip.AddrPort, error) {
	if q.Source == "" {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), transport.UDP.DefaultPort()), nil
	}
	if addr, err := netip.ParseAddr(q.Source); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), transport.UDP.DefaultPort()), nil
	}
	source, err := netip.ParseAddrPort(q.Source)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("source %q: an IP address is expected, with or without a port", q.Source)
	}
	return netip.AddrPortFrom(source.Addr().Unmap(), source.Port()), nil
}

// parseOctets reads hexadecimal as people copy it: with spaces, colons or 0x.
func parseOctets(s string) ([]byte, error) {
	clean := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "", ":", "").Replace(strings.TrimPrefix(s, "0x"))
	octets, err := hex.DecodeString(clean)
	if err != nil || len(octets) == 0 {
		return nil, fmt.Errorf("ISUP: an even number of hexadecimal digits is expected, got %q", s)
	}
	return octets, nil
}
