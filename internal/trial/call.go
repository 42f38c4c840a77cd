package trial

import (
	"context"
	"io"
	"net"
	"net/netip"

	"sipid/internal/sipsim"
)

// Numbers of the examples: the access number, and the number that is charged.
const (
	DefaultCalled  = "95165"
	DefaultCalling = "57188888888"
)

// Call is one call to place, and where its steps are printed.
type Call struct {
	sipsim.Call
	Listen string // call from udp:ADDRESS:PORT; empty: the address that reaches To, any port
	Out    io.Writer
	JSON   bool // an object for each step and a summary, instead of lines
}

// Place places the call and prints what happens. The error is not printed, but
// for the summary of JSON.
func Place(ctx context.Context, c Call) (sipsim.Result, error) {
	if c.Listen == "" {
		local, err := localAddress(c.To)
		if err != nil {
			return sipsim.Result{}, err
		}
		c.Listen = netip.AddrPortFrom(local, 0).String()
	}
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: c.Listen})
	if err != nil {
		return sipsim.Result{}, err
	}
	defer trunk.Close()
	out := newCallPrinter(c.Out, c.JSON)
	out.begin(c.Call, trunk.Addr())
	c.OnEvent = out.step
	result, err := trunk.Call(ctx, c.Call)
	out.end(result, err)
	return result, err
}

// localAddress is the address the kernel sends from to get there.
func localAddress(to netip.AddrPort) (netip.Addr, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}
