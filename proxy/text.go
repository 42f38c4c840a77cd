package proxy

import (
	"net/netip"
	"strconv"
)

// appendHostPort writes host:port; host has its brackets already.
func appendHostPort(dst, host []byte, port uint16) []byte {
	return strconv.AppendUint(append(append(dst, host...), ':'), uint64(port), 10)
}

// parseHost reads a literal address, IPv6 with or without its brackets.
func parseHost(host []byte) (netip.Addr, bool) {
	if len(host) > 2 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	addr, err := netip.ParseAddr(string(host))
	return addr.Unmap(), err == nil && addr.Zone() == ""
}

func parsePort(b []byte) (uint16, bool) {
	n, err := strconv.ParseUint(string(b), 10, 16)
	return uint16(n), err == nil && n > 0
}

// lower folds a scheme.
func lower(b []byte) string {
	var buf [8]byte
	if len(b) > len(buf) {
		return ""
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	switch s := string(buf[:len(b)]); s {
	case "sip", "sips", "tel":
		return s
	default:
		return ""
	}
}
