//go:build !linux

package sipsim

import (
	"net"
	"net/netip"
)

// Only Linux tells an unconnected socket that nobody listened; elsewhere a call
// to nobody ends with the transaction's timer.
func enableICMP(*net.UDPConn) {}

func refused(*net.UDPConn) []netip.AddrPort { return nil }
