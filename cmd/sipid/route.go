package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"

	"github.com/urfave/cli/v2"

	"sipid/config"
	"sipid/decode"
	"sipid/listing"
	"sipid/proxy"
	"sipid/report"
	"sipid/sqlite"
)

func routeCommand() *cli.Command {
	return &cli.Command{
		Name:  "route",
		Usage: "ask where a call would go",
		Subcommands: []*cli.Command{{
			Name:  "explain",
			Usage: "show step by step how a call would be identified and where it would go; nothing is sent",
			Description: `Runs the code that serves calls on one message and prints every step.
The message is a file with the SIP INVITE as it came in, or is made from the
octets of an IAM, or from called and calling number. The file may be a pcap or
pcapng capture: then every INVITE in it that begins a call is explained, from
the address it was sent from. With --url a running "sipid serve" answers, which
knows how the PBX targets are.

   sipid route explain --message invite.sip --source 10.1.0.7
   sipid route explain --message trunk.pcap --config /etc/sipid/sipid.yaml
   sipid route explain --url http://127.0.0.1:8060 --called 95165 --calling 057112345678
   sipid route explain --isup 010020010a0302070503905961f52808031001100000002400
   sipid route explain --called 95165 --calling 057112345678 --json

The client table is --db, or the one of the configuration file.`,
			Flags:  explainFlags(),
			Action: runExplain,
		}},
	}
}

func explainFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "message", Aliases: []string{"m"}, TakesFile: true, Usage: "`FILE` with a SIP INVITE as on the wire, or a capture; - is standard input"},
		&cli.StringFlag{Name: "isup", Usage: "an IAM, `HEX`"},
		&cli.StringFlag{Name: "called", Usage: "called party `NUMBER`"},
		&cli.StringFlag{Name: "calling", Usage: "calling party `NUMBER`"},
		&cli.StringFlag{Name: "source", DefaultText: "127.0.0.1, or the packet's", Usage: "`ADDRESS[:PORT]` the call comes from: it tells the trunk"},
		configFlag(),
		dbFlag(),
		&cli.BoolFlag{Name: "json", Usage: "one JSON object; an array of them for a capture"},
	}, remoteFlags("ask the serve at this `URL` instead of reading configuration and client table")...)
}

func runExplain(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	q := report.Question{ISUP: c.String("isup"), Called: c.String("called"), Calling: c.String("calling"), Source: c.String("source")}
	if path := c.String("message"); path != "" {
		message, err := readMessage(path, c.App.Reader)
		if err != nil {
			return err
		}
		if decode.IsCapture(message[:min(4, len(message))]) {
			q.Capture = message
		} else {
			q.Message = message
		}
	}
	explain := explainOffline
	if c.IsSet("url") {
		explain = func(ctx context.Context, q *report.Question, _ config.Flags) ([]*report.Explanation, error) {
			return remote(c).Explain(ctx, q)
		}
	}
	list, err := explain(c.Context, &q, givenFlags(c))
	if errors.Is(err, report.ErrQuestion) {
		return usagef("give one of --message FILE, --isup HEX, or --called and --calling")
	}
	if err != nil {
		return err
	}
	return printExplanations(c.App.Writer, list, c.Bool("json"), q.Capture != nil)
}

// readMessage reads a file, or standard input for "-".
func readMessage(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(path)
}

// explainOffline builds the router serve would have and asks it.
func explainOffline(ctx context.Context, q *report.Question, f config.Flags) ([]*report.Explanation, error) {
	s, err := config.Load(f)
	if err != nil {
		return nil, err
	}
	r, err := s.Router()
	if err != nil {
		return nil, err
	}
	table, err := sqlite.LoadTable(ctx, s.DB)
	if err != nil {
		return nil, fmt.Errorf("client table: %w", err)
	}
	r.SetTable(table)
	live := report.Explainer(func(raw []byte, source netip.AddrPort) (*proxy.Explanation, error) {
		return proxy.Explain(r, raw, source, s.Edges)
	})
	return live.Answer(q)
}

// printExplanations prints one explanation, or those of a capture.
func printExplanations(w io.Writer, list []*report.Explanation, asJSON, capture bool) error {
	switch {
	case asJSON && capture:
		return listing.Rows{Count: len(list), Object: func(i int) any { return list[i] }}.JSON(w)
	case asJSON:
		text, err := listing.JSONText(list[0])
		if err == nil {
			_, err = fmt.Fprintln(w, text)
		}
		return err
	case len(list) == 0:
		_, err := fmt.Fprintln(w, "no INVITE found")
		return err
	}
	for i, e := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := e.Print(w); err != nil {
			return err
		}
	}
	return nil
}
