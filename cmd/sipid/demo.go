package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/internal/sipsim"
	"sipid/router"
	"sipid/sqlite"
)

// The client and the call of the demo.
const (
	demoAccessID = "1001"
	demoSerial   = "00000042"
	demoName     = "Hangzhou switchboard"
	demoEndpoint = "https://hangzhou.example/sipid"
	// demoForged is a header a platform must not be able to set.
	demoForged = "X-Client-Name: Somebody Else"
)

// demoPatience bounds the whole demo: it takes well under a second.
const demoPatience = 30 * time.Second

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "show one call end to end on this machine",
		Description: `Adds a client, starts an agent PBX and sipid on free ports of this machine, places
a SIP-I call and prints the INVITE as it arrived and as it left, who was
identified and what became of the call. The files go into a temporary directory
and are removed. Exit code 0 when everything was as it should be.`,
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeoutCause(c.Context, demoPatience, errors.New("the demo did not come to its end in time"))
			defer cancel()
			return runDemo(ctx, c.App.Writer)
		},
	}
}

// demo is what runs during the demo. What is started registers its end.
type demo struct {
	out      io.Writer
	dir      string
	log      demoLog
	ends     []func() error
	received chan *sipsim.Received
}

func runDemo(ctx context.Context, out io.Writer) (err error) {
	d := &demo{out: out, received: make(chan *sipsim.Received, 1)}
	if d.dir, err = os.MkdirTemp("", "sipid-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.end()) }()
	fmt.Fprintln(out, "One call from a VAS platform to an agent, everything on this machine.")

	if err := d.addClient(ctx); err != nil {
		return err
	}
	pbx, err := d.startPBX(ctx)
	if err != nil {
		return err
	}
	proxy, err := d.startServe(ctx, pbx)
	if err != nil {
		return err
	}
	result, err := d.placeCall(ctx, proxy)
	if err != nil {
		fmt.Fprintf(out, "\nsipid's log:\n%s\n", d.log.text())
		return fmt.Errorf("the call failed: %w", err)
	}
	return d.show(ctx, result)
}

// end stops what was started, last first, and removes the files.
func (d *demo) end() error {
	var err error
	for i := len(d.ends) - 1; i >= 0; i-- {
		err = errors.Join(err, d.ends[i]())
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// step prints the command that does the same by hand.
func (d *demo) step(what, command string) {
	fmt.Fprintf(d.out, "\n%s\n   $ %s\n", what, command)
}

func (d *demo) database() string { return filepath.Join(d.dir, "sipid.db") }

func (d *demo) addClient(ctx context.Context) error {
	d.step("1. The client table gets a client.", fmt.Sprintf(`sipid client add --access-id %s --name "%s" --endpoint %s`,
		demoAccessID, demoName, demoEndpoint))
	// By the store and not by the command, which the environment may change.
	return withNewClients(ctx, d.database(), func(ctx context.Context, s *sqlite.Store) error {
		return s.AddClient(ctx, router.Client{
			AccessID: demoAccessID, Name: demoName, Endpoint: demoEndpoint,
			SerialDigits: len(demoSerial), PBX: router.DefaultGroupName, Enabled: true,
		}, "demo")
	})
}

func (d *demo) startPBX(ctx context.Context) (netip.AddrPort, error) {
	pbx, err := sipsim.NewPBX(sipsim.PBXConfig{
		Listen: "127.0.0.1:0", Script: sipsim.Script{RingAfter: 20 * time.Millisecond, AnswerAfter: 100 * time.Millisecond},
		OnInvite: func(r *sipsim.Received) {
			select {
			case d.received <- r:
			default: // one call is shown
			}
		},
	})
	if err != nil {
		return netip.AddrPort{}, err
	}
	d.background(ctx, pbx.Serve)
	d.step("2. An agent PBX waits for calls.", "sipid pbx --listen udp:"+pbx.Addr().String())
	return pbx.Addr(), nil
}

// background runs something until the demo ends.
func (d *demo) background(ctx context.Context, run func(context.Context) error) <-chan error {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	over := make(chan struct{})
	go func() { defer close(over); ended <- run(ctx) }()
	d.ends = append(d.ends, func() error {
		stop()
		<-over
		select {
		case err := <-ended:
			return err
		default: // told already
			return nil
		}
	})
	return ended
}

func (d *demo) startServe(ctx context.Context, pbx netip.AddrPort) (netip.AddrPort, error) {
	target := "sip:" + pbx.String()
	// Nothing has to be drained: the one call is over when serve is stopped.
	s, err := loadSettings(settingsFlags{
		DB: d.database(), Listen: []string{"udp:127.0.0.1:0"}, PBX: []string{target},
		HTTP: "127.0.0.1:0", LogLevel: "info", Drain: "10ms",
	})
	if err != nil {
		return netip.AddrPort{}, err
	}
	started := make(chan addresses, 1)
	ended := d.background(ctx, func(ctx context.Context) error {
		return serve(ctx, s, &d.log, func(a addresses) { started <- a })
	})
	select {
	case a := <-started:
		d.step("3. sipid serves.", fmt.Sprintf("sipid serve --listen udp:%s --pbx %s", a.SIP[0], target))
		return a.SIP[0], nil
	case err := <-ended:
		return netip.AddrPort{}, fmt.Errorf("serve ended: %w", err)
	case <-ctx.Done():
		return netip.AddrPort{}, context.Cause(ctx)
	}
}

func (d *demo) placeCall(ctx context.Context, proxy netip.AddrPort) (sipsim.Result, error) {
	d.step("4. The platform calls, with an original called number of access ID + serial\n   (and with a header it has no right to: "+demoForged+").",
		fmt.Sprintf("sipid call --to %s --access-id %s --serial %s", proxy, demoAccessID, demoSerial))
	return placeCall(ctx, callOptions{call: sipsim.Call{
		To: proxy, AccessID: demoAccessID, Serial: demoSerial, Called: defaultCalled, Calling: defaultCalling,
		Hold: 200 * time.Millisecond, Timeout: 10 * time.Second, Headers: []string{demoForged},
	}}, newCallPrinter(indented{d.out}, false))
}

// show prints the two INVITEs and the findings, and fails when one is wrong.
func (d *demo) show(ctx context.Context, result sipsim.Result) error {
	var r *sipsim.Received
	select {
	case r = <-d.received:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	arrived, left := messageLines(result.Invite), messageLines(r.Raw)
	keptIn, keptOut := common(arrived, left)
	fmt.Fprintf(d.out, "\nThe INVITE as it arrived, %d octets (-: removed or changed)\n\n", len(result.Invite))
	printLines(d.out, arrived, keptIn, "-")
	fmt.Fprintf(d.out, "\nThe INVITE as it left for the PBX, %d octets (+: added or changed)\n\n", len(r.Raw))
	printLines(d.out, left, keptOut, "+")
	fmt.Fprintf(d.out, "\nIdentified\n\n")
	for _, h := range r.Extensions() {
		fmt.Fprintf(d.out, "   %-20s %s\n", visible(h.Name), visible(h.Value))
	}
	if err := checkDemo(result, r); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nOutcome\n\n   the call was answered after %s, talked for %s and cleared by the %s;\n"+
		"   the PBX got the client in X- headers and plain SDP, byte for byte; the forged header is gone.\n   It works.\n",
		seconds(result.AnswerAfter), seconds(result.Talk), result.ClearedBy)
	return nil
}

// demoLog keeps sipid's log for the case that something goes wrong.
type demoLog struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *demoLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(b)
}

func (l *demoLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(l.lines.String())
}

// indented puts blanks before each line; every write is a whole line.
type indented struct{ out io.Writer }

func (w indented) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.out, "   "); err != nil {
		return 0, err
	}
	return w.out.Write(b)
}
