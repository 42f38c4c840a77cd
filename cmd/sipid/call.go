package main

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/internal/sipsim"
	"sipid/internal/trial"
)

func callCommand() *cli.Command {
	return &cli.Command{
		Name:  "call",
		Usage: "place one SIP-I call, as a VAS platform would, and report each step",
		Description: `The INVITE carries SDP and an ISUP initial address message: the called number
with end of dialling, the calling number, and the original called number, which
is access ID followed by serial. No media is sent.

   sipid call --to 127.0.0.1:5060 --access-id 1001 --serial 00000042

Exit code 0 when the call was answered and cleared, 1 when not. Interrupted, it
sends CANCEL, or BYE when the call was answered.`,
		Flags: callFlags(),
		Action: func(c *cli.Context) error {
			call, err := callOf(c)
			if err != nil {
				return err
			}
			_, err = trial.Place(c.Context, call)
			return err
		},
	}
}

func callFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", EnvVars: []string{"SIPID_CALL_TO"}, Usage: "send the INVITE to `HOST:PORT`"},
		&cli.StringFlag{Name: "access-id", EnvVars: []string{"SIPID_CALL_ACCESS_ID"}, Usage: "access `ID` of the client"},
		&cli.StringFlag{Name: "serial", EnvVars: []string{"SIPID_CALL_SERIAL"}, Usage: "serial `NUMBER`; leading zeros count"},
		&cli.StringFlag{
			Name: "called", EnvVars: []string{"SIPID_CALL_CALLED"}, Value: trial.DefaultCalled,
			Usage: "called `NUMBER`; with + in front an international one",
		},
		&cli.StringFlag{
			Name: "calling", EnvVars: []string{"SIPID_CALL_CALLING"}, Value: trial.DefaultCalling,
			Usage: "calling `NUMBER`; empty: none is sent",
		},
		&cli.DurationFlag{Name: "hold", EnvVars: []string{"SIPID_CALL_HOLD"}, Value: 2 * time.Second, Usage: "hang up after this `TIME`"},
		&cli.DurationFlag{
			Name: "timeout", EnvVars: []string{"SIPID_CALL_TIMEOUT"}, Value: time.Minute,
			Usage: "give up after this `TIME` without an answer",
		},
		&cli.StringFlag{
			Name: "listen", EnvVars: []string{"SIPID_CALL_LISTEN"}, DefaultText: "the address that reaches --to, any port",
			Usage: "call from udp:`ADDRESS:PORT`",
		},
		&cli.BoolFlag{Name: "json", EnvVars: []string{"SIPID_CALL_JSON"}, Usage: "print one JSON object for each step, and a summary"},
	}
}

// callOf is the call that the flags describe, checked.
func callOf(c *cli.Context) (trial.Call, error) {
	call := trial.Call{Listen: c.String("listen"), Out: c.App.Writer, JSON: c.Bool("json"), Call: sipsim.Call{
		AccessID: c.String("access-id"), Serial: c.String("serial"),
		Called: c.String("called"), Calling: c.String("calling"),
		Hold: c.Duration("hold"), Timeout: c.Duration("timeout"),
	}}
	if err := noArgs(c); err != nil {
		return call, err
	}
	if err := needFlags(c, "to", "access-id", "serial"); err != nil {
		return call, err
	}
	if err := checkNumbers(&call); err != nil {
		return call, err
	}
	if call.Hold < 0 || call.Timeout <= 0 {
		return call, usagef("--hold must not be negative, and --timeout must be more than 0")
	}
	var err error
	call.To, err = lookUp(c.Context, c.String("to"))
	return call, err
}

func checkNumbers(call *trial.Call) error {
	for _, n := range []struct{ flag, value, digits string }{
		{"access-id", call.AccessID, call.AccessID},
		{"serial", call.Serial, call.Serial},
		{"called", call.Called, strings.TrimPrefix(call.Called, "+")},
		{"calling", call.Calling, strings.TrimPrefix(call.Calling, "+")},
	} {
		none := n.flag == "calling" && n.value == ""
		if !none && (n.digits == "" || strings.Trim(n.digits, "0123456789") != "") {
			return usagef("--%s %q: digits only", n.flag, n.value)
		}
	}
	return nil
}

// lookUp reads HOST:PORT; the port may be left out, and "sip:" or "udp:" may
// stand in front. Of a name the first address is taken.
func lookUp(ctx context.Context, to string) (netip.AddrPort, error) {
	target := strings.TrimPrefix(strings.TrimPrefix(to, "sip:"), "udp:")
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		host, port = strings.Trim(target, "[]"), "5060"
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 || host == "" {
		return netip.AddrPort{}, usagef("--to %q: not HOST:PORT", to)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), uint16(number)), nil
}
