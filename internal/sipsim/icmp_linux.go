package sipsim

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// enableICMP has the kernel report "port unreachable" on this unconnected
// socket, so that a call to nobody fails at once and not after 32 seconds. When
// it cannot, calls still work.
func enableICMP(conn *net.UDPConn) {
	control(conn, func(fd int) {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVERR, 1)
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1)
	})
}

// refused empties the socket's error queue: the peers that did not listen.
func refused(conn *net.UDPConn) []netip.AddrPort {
	var peers []netip.AddrPort
	control(conn, func(fd int) {
		var payload [1]byte
		var oob [512]byte
		for {
			_, _, _, from, err := unix.Recvmsg(fd, payload[:], oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			switch sa := from.(type) {
			case *unix.SockaddrInet4:
				peers = append(peers, netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)))
			case *unix.SockaddrInet6:
				peers = append(peers, unmap(netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))))
			}
		}
	})
	return peers
}

func control(conn *net.UDPConn, do func(fd int)) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { do(int(fd)) })
}
