// Command fwd is the floor that a proxy is measured against: it passes UDP
// packets between the two sides of the load generator and reads nothing in them.
//
// It is no proxy: no Via, no Record-Route, no transaction. -drop loses a share
// of the packets, which is how the generator's own tests show that it notices.
package main

import (
	"flag"
	"fmt"
	"math/rand"
	"net"
	"net/netip"
	"os"
	"time"
)

// forwarder is the command line.
type forwarder struct {
	listen, uas, uac netip.AddrPort
	mode             string
	extra            bool
	timeout          time.Duration
	drop             float64
	trying           []byte // what a 100 Trying weighs
}

const (
	packetMax   = 8192
	receiveSize = 4 << 20
)

func main() {
	fmt.Fprintln(os.Stderr, "fwd:", run(os.Args[1:]))
	os.Exit(1)
}

// run forwards until the process ends; it returns only if it cannot begin.
func run(args []string) error {
	f := &forwarder{trying: make([]byte, 330)}
	copy(f.trying, "SIP/2.0 100 Trying\r\n")
	if err := f.parse(args); err != nil {
		return err
	}
	switch f.mode {
	case "raw", "hard":
		return f.raw()
	case "std", "batch":
	default:
		return fmt.Errorf("-mode is %q, want std, batch, raw or hard", f.mode)
	}
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(f.listen))
	if err != nil {
		return err
	}
	if err := c.SetReadBuffer(receiveSize); err != nil {
		return err
	}
	if f.mode == "batch" {
		f.batch(c)
	}
	f.std(c)
	return nil
}

func (f *forwarder) parse(args []string) error {
	s := flag.NewFlagSet("fwd", flag.ExitOnError)
	listen := s.String("listen", "127.0.0.1:5060", "its own address")
	uas := s.String("uas", "127.0.0.1:5080", "the answering side")
	uac := s.String("uac", "127.0.0.1:5090", "the calling side")
	s.StringVar(&f.mode, "mode", "std", "std (net.UDPConn), batch (x/net ReadBatch), raw (blocking recvmmsg), hard (the same, the runtime not told)")
	s.BoolVar(&f.extra, "extra", false, "one more packet back for each INVITE, as a 100 would be: 6 in and 7 out a call")
	s.DurationVar(&f.timeout, "rcvtimeo", 0, "SO_RCVTIMEO of raw and hard: bounds how long a stop-the-world waits for a blocked reader")
	s.Float64Var(&f.drop, "drop", 0, "share of packets to lose (std mode)")
	if err := s.Parse(args); err != nil {
		return err
	}
	for text, to := range map[*string]*netip.AddrPort{listen: &f.listen, uas: &f.uas, uac: &f.uac} {
		a, err := netip.ParseAddrPort(*text)
		if err != nil {
			return err
		}
		if !a.Addr().Is4() || !a.Addr().IsLoopback() {
			return fmt.Errorf("%v is no IPv4 loopback address", a)
		}
		*to = a
	}
	return nil
}

// std reads and writes one packet at a time. It runs until the process ends.
func (f *forwarder) std(c *net.UDPConn) {
	buf := make([]byte, packetMax)
	for {
		n, src, err := c.ReadFromUDPAddrPort(buf)
		if err != nil || f.drop > 0 && rand.Float64() < f.drop {
			continue
		}
		dst := f.uas
		if src.Port() == f.uas.Port() {
			dst = f.uac
		} else if f.extra && buf[0] == 'I' {
			_, _ = c.WriteToUDPAddrPort(f.trying, f.uac) // lost packets are the generator's to see
		}
		_, _ = c.WriteToUDPAddrPort(buf[:n], dst)
	}
}
