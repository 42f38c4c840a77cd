package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"

	"github.com/urfave/cli/v2"

	"sipid/proxy"
	"sipid/router"
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
octets of an IAM, or from called and calling number.

   sipid route explain --message invite.sip --source 10.1.0.7
   sipid route explain --isup010020010a0302070503905961f52808031001100000002400
   sipid route explain --called 95165 --calling 057112345678 --json

The client table is --db, or the one of the configuration file.`,
			Flags:  explainFlags(),
			Action: runExplain,
		}},
	}
}

func explainFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "message", Aliases: []string{"m"}, TakesFile: true, Usage: "`FILE` with a SIP INVITE as on the wire; - is standard input"},
		&cli.StringFlag{Name: "isup", Usage: "an IAM, `HEX`"},
		&cli.StringFlag{Name: "called", Usage: "called party `NUMBER`"},
		&cli.StringFlag{Name: "calling", Usage: "calling party `NUMBER`"},
		&cli.StringFlag{Name: "source", Value: "127.0.0.1", Usage: "`ADDRESS[:PORT]` the call comes from: it tells the trunk"},
		configFlag(),
		dbFlag(),
		&cli.BoolFlag{Name: "json", Usage: "one JSON object"},
	}
}

func runExplain(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	q := explainRequest{ISUP: c.String("isup"), Called: c.String("called"), Calling: c.String("calling"), Source: c.String("source")}
	if path := c.String("message"); path != "" {
		message, err := readMessage(path, c.App.Reader)
		if err != nil {
			return err
		}
		q.Message = message
	}
	e, err := explainOffline(c.Context, &q, givenFlags(c))
	if errors.Is(err, errQuestion) {
		return usagef("give one of --message FILE, --isup HEX, or --called and --calling")
	}
	if err != nil {
		return err
	}
	return e.write(c.App.Writer, c.Bool("json"))
}

// readMessage reads a file, or standard input for "-".
func readMessage(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(path)
}

// explainOffline builds the router serve would have and asks it.
func explainOffline(ctx context.Context, q *explainRequest, f settingsFlags) (*explanation, error) {
	s, err := loadSettings(f)
	if err != nil {
		return nil, err
	}
	r, err := s.buildRouter(ctx, net.DefaultResolver.LookupNetIP)
	if err != nil {
		return nil, err
	}
	table, err := sqlite.LoadTable(ctx, s.DB)
	if err != nil {
		return nil, fmt.Errorf("client table: %w", err)
	}
	r.SetTable(table)
	return explainMessage(q, r, s.Edges)
}

// explainMessage runs the live code on the question's message.
func explainMessage(q *explainRequest, r *router.Router, edges []netip.Prefix) (*explanation, error) {
	raw, err := q.raw()
	if err != nil {
		return nil, err
	}
	source, err := q.source()
	if err != nil {
		return nil, err
	}
	found, err := proxy.Explain(r, raw, source, edges)
	if errors.Is(err, proxy.ErrNobody) {
		return nil, fmt.Errorf("no trunk takes calls from %s: such a call gets no answer, or 403 through an edge; give the address of a platform as source", source.Addr())
	}
	if err != nil {
		return nil, err
	}
	return newExplanation(found), nil
}

func newExplanation(found *proxy.Explanation) *explanation {
	d := found.Decision
	e := &explanation{
		Status: d.Status.String(), Source: d.Source.String(), Serial: string(d.Serial()), CallingNumber: string(d.CallingNumber()),
		RequestURI: found.RequestURI, HeadersAdded: []explainHeader{}, HeadersRemoved: append([]string{}, found.Removed...),
		Warnings: append([]string{}, found.Warnings...), Steps: []explainStep{}, refused: d.RejectStatus,
	}
	if d.Client != nil {
		e.AccessID = d.Client.AccessID
		e.Client = &explainClient{Name: d.Client.Name, Endpoint: d.Client.Endpoint}
	}
	if found.Trunk != nil {
		e.Trunk = found.Trunk.Name
	}
	if d.Group != nil {
		e.PBXGroup = d.Group.Name
	}
	if found.Target != nil {
		e.Target = found.Target.URI
	}
	for _, h := range found.Added {
		e.HeadersAdded = append(e.HeadersAdded, explainHeader{h.Name, h.Value})
	}
	if d.Trace != nil {
		for _, s := range d.Trace.Steps {
			e.Steps = append(e.Steps, explainStep{s.Step, s.Detail})
		}
	}
	return e
}

func (e *explanation) write(w io.Writer, asJSON bool) error {
	if !asJSON {
		return e.print(w)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(e)
}
