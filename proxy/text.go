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
	if addr, ok := parseIPv4(host); ok {
		return addr, true
	}
	addr, err := netip.ParseAddr(string(host))
	return addr.Unmap(), err == nil && addr.Zone() == ""
}

// parseIPv4 reads a dotted IPv4 address as netip.ParseAddr does, without a string.
func parseIPv4(host []byte) (netip.Addr, bool) {
	var octets [4]byte
	for i := range octets {
		if i > 0 {
			if len(host) == 0 || host[0] != '.' {
				return netip.Addr{}, false
			}
			host = host[1:]
		}
		n, digits := 0, 0
		for ; digits < len(host) && digits < 3 && host[digits] >= '0' && host[digits] <= '9'; digits++ {
			n = 10*n + int(host[digits]-'0')
		}
		if digits == 0 || n > 255 || digits > 1 && host[0] == '0' {
			return netip.Addr{}, false
		}
		octets[i], host = byte(n), host[digits:]
	}
	return netip.AddrFrom4(octets), len(host) == 0
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
