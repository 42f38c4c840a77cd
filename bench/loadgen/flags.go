package main

import (
	"flag"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// config is the command line.
type config struct {
	target, uac, uas netip.AddrPort
	uacSockets       int

	cps                                   float64
	warmup, duration, timeout             time.Duration
	ring, talk, t1, idle                  time.Duration
	arrival, bye, reply                   string
	expect, source, body                  string
	hops                                  int
	clients                               string
	pids                                  []int
	seed                                  int64
	maxCalls                              int
	label, dumpBad, dumpGood              string
	oneLine, strict                       bool
	targetText, uacText, uasText, pidText string
}

// What the forwarded INVITE must be.
const (
	expectJob   = "job"
	expectRelay = "relay"
	expectFwd   = "fwd"
)

func parseFlags(args []string, stderr io.Writer) (*config, error) {
	c := new(config)
	f := flag.NewFlagSet("loadgen", flag.ContinueOnError)
	f.SetOutput(stderr)
	c.peerFlags(f)
	c.callFlags(f)
	c.reportFlags(f)
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return c, c.complete()
}

func (c *config) peerFlags(f *flag.FlagSet) {
	f.StringVar(&c.targetText, "target", "127.0.0.1:5060", "the proxy under test")
	f.StringVar(&c.uacText, "listen-uac", "127.0.0.1:5090", "calling side (first port)")
	f.StringVar(&c.uasText, "listen-uas", "127.0.0.1:5080", "answering side: where the proxy sends calls")
	f.IntVar(&c.uacSockets, "uac-socks", 1, "calling-side sockets, on consecutive ports")
	f.StringVar(&c.reply, "reply", "via", "where the UAS answers: via (top Via, RFC 3261) or source")
	f.StringVar(&c.clients, "clients", "clients.csv", "client table, CSV with a header row: access_id,name,endpoint[,serial_digits,enabled,...]")
	f.StringVar(&c.pidText, "pids", "", "processes under test (comma-separated; descendants are added)")
}

func (c *config) callFlags(f *flag.FlagSet) {
	f.Float64Var(&c.cps, "cps", 200, "calls started a second")
	f.DurationVar(&c.warmup, "warmup", 7*time.Second, "calls before the measured window (longer than the proxy's transaction timers, so that their work is in the window)")
	f.DurationVar(&c.duration, "duration", 10*time.Second, "measured window")
	f.DurationVar(&c.timeout, "timeout", 10*time.Second, "a call not through by then has failed")
	f.DurationVar(&c.ring, "ring", 50*time.Millisecond, "180 to 200")
	f.DurationVar(&c.talk, "talk", 100*time.Millisecond, "200 to BYE")
	f.DurationVar(&c.t1, "t1", 500*time.Millisecond, "retransmission timer T1")
	f.StringVar(&c.arrival, "arrival", "poisson", "poisson or uniform")
	f.StringVar(&c.bye, "bye", "uac", "who hangs up: uac, uas, mix")
	f.StringVar(&c.body, "body", "sipi", "INVITE body: sipi (multipart SDP + ISUP), sdp")
	f.Int64Var(&c.seed, "seed", 1, "of the access IDs, serials and arrivals")
	f.IntVar(&c.maxCalls, "max-calls", 400_000, "safety bound")
}

func (c *config) reportFlags(f *flag.FlagSet) {
	f.StringVar(&c.expect, "expect", expectJob, "what the forwarded INVITE must be: job (X- headers, SDP only), relay (body unchanged, proxied), fwd (body unchanged, bytes passed on)")
	f.StringVar(&c.source, "source", "isup-original-called", "X-Identify-Source that -expect job wants; empty: not looked at")
	f.IntVar(&c.hops, "hops", 1, "proxies between the two sides: that many more Vias, that much less Max-Forwards")
	f.BoolVar(&c.oneLine, "json", false, "one JSON line")
	f.BoolVar(&c.strict, "strict", false, "exit status 1 if a call failed or its content was wrong")
	f.StringVar(&c.label, "label", "", "put into the result")
	f.StringVar(&c.dumpBad, "dump-bad", "", "write the first bad INVITE here")
	f.StringVar(&c.dumpGood, "dump-good", "", "write the first good forwarded INVITE here")
	f.DurationVar(&c.idle, "idle", 0, "measure the idle processes this long first")
}

// complete reads what flags hold as text and checks all of it.
func (c *config) complete() (err error) {
	for _, a := range []struct {
		name, text string
		to         *netip.AddrPort
	}{{"target", c.targetText, &c.target}, {"listen-uac", c.uacText, &c.uac}, {"listen-uas", c.uasText, &c.uas}} {
		if *a.to, err = loopback(a.text); err != nil {
			return fmt.Errorf("-%s: %w", a.name, err)
		}
	}
	for _, a := range []struct {
		name, value string
		allowed     []string
	}{
		{"arrival", c.arrival, []string{"poisson", "uniform"}},
		{"bye", c.bye, []string{"uac", "uas", "mix"}},
		{"reply", c.reply, []string{"via", "source"}},
		{"body", c.body, []string{"sipi", "sdp"}},
		{"expect", c.expect, []string{expectJob, expectRelay, expectFwd}},
	} {
		if !slices.Contains(a.allowed, a.value) {
			return fmt.Errorf("-%s is %q, want one of %q", a.name, a.value, a.allowed)
		}
	}
	for _, p := range strings.FieldsFunc(c.pidText, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		n, err := strconv.Atoi(p)
		if err != nil {
			return fmt.Errorf("-pids: %w", err)
		}
		c.pids = append(c.pids, n)
	}
	return c.checkNumbers()
}

func (c *config) checkNumbers() error {
	switch {
	case c.cps <= 0:
		return fmt.Errorf("-cps is %v, want more than 0", c.cps)
	case c.duration <= 0 || c.warmup < 0:
		return fmt.Errorf("-duration %v and -warmup %v: want time to measure in", c.duration, c.warmup)
	case c.uacSockets < 1 || c.uacSockets > 64:
		return fmt.Errorf("-uac-socks is %d, want 1 to 64", c.uacSockets)
	case c.hops < 1 || c.hops > maxVias-1:
		return fmt.Errorf("-hops is %d, want 1 to %d", c.hops, maxVias-1)
	case c.room() > c.maxCalls:
		return fmt.Errorf("%d calls is over -max-calls %d", c.room(), c.maxCalls)
	}
	return nil
}

// room is for how many calls there must be memory: Poisson arrivals vary.
func (c *config) room() int {
	return int(c.cps*(c.warmup+c.duration).Seconds()*1.15) + 2000
}

// loopback reads an address; this generator sends nowhere else.
func loopback(s string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return a, err
	}
	if !a.Addr().Is4() || !a.Addr().IsLoopback() {
		return a, fmt.Errorf("%v is no IPv4 loopback address", a)
	}
	return a, nil
}
