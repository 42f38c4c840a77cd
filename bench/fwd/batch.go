package main

import (
	"net"

	"golang.org/x/net/ipv4"
)

// batchSize is how many packets one system call may move.
const batchSize = 32

// batch reads and writes many packets at a time. It runs until the process ends.
func (f *forwarder) batch(c *net.UDPConn) {
	p := ipv4.NewPacketConn(c)
	in := make([]ipv4.Message, batchSize)
	for i := range in {
		in[i].Buffers = [][]byte{make([]byte, packetMax)}
	}
	out := make([]ipv4.Message, 2*batchSize)
	for i := range out {
		out[i].Buffers = make([][]byte, 1)
	}
	uas, uac := net.UDPAddrFromAddrPort(f.uas), net.UDPAddrFromAddrPort(f.uac)
	for {
		n, err := p.ReadBatch(in, 0)
		if err != nil {
			continue
		}
		k := 0
		for i := range n {
			packet, dst := in[i].Buffers[0][:in[i].N], uas
			if in[i].Addr.(*net.UDPAddr).Port == uas.Port {
				dst = uac
			} else if f.extra && packet[0] == 'I' {
				out[k].Addr, out[k].Buffers[0] = uac, f.trying
				k++
			}
			out[k].Addr, out[k].Buffers[0] = dst, packet
			k++
		}
		for sent := 0; sent < k; {
			w, err := p.WriteBatch(out[sent:k], 0)
			if err != nil {
				w = 1 // pass over the packet that does not go
			}
			sent += w
		}
	}
}
