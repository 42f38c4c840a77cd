package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/listing"
	"sipid/report"
)

func callsCommand() *cli.Command {
	return &cli.Command{
		Name:  "calls",
		Usage: "see how the last calls were identified, and what became of them",
		Description: `A running "sipid serve" keeps the last 10 000 calls in memory; these commands ask
it over HTTP, with --token-file where the configuration has http_tokens. Numbers
are masked unless --unmask is given.

   sipid calls list --status unknown-access-id --since 10m
   sipid calls show 4711
   sipid calls tail --trunk zhejiang`,
		Subcommands: []*cli.Command{callsListCommand(), callsShowCommand(), callsTailCommand()},
	}
}

func callsFlags(more ...cli.Flag) []cli.Flag {
	return append(append(more,
		&cli.BoolFlag{Name: "unmask", EnvVars: []string{"SIPID_UNMASK"}, Usage: "numbers in full"}),
		remoteFlags("where the serve is: `URL` of its HTTP address")...)
}

func callsFilterFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "status", Usage: "only calls that ended so: `STATUS` as in X-Identify-Status"},
		&cli.StringFlag{Name: "access-id", Usage: "only this access `ID`"},
		&cli.StringFlag{Name: "trunk", Usage: "only this trunk `NAME`"},
		&cli.StringFlag{Name: "since", Usage: "only calls since `TIME`: 10m (ago) or 2026-07-01T12:00:00Z"},
		&cli.StringFlag{Name: "until", Usage: "only calls until `TIME`"},
	}
}

// callsQuery is what the flags ask for, as the HTTP interface has it.
func callsQuery(c *cli.Context) url.Values {
	v := url.Values{}
	for flag, name := range map[string]string{"status": "status", "access-id": "access_id", "trunk": "trunk", "since": "since", "until": "until", "limit": "limit"} {
		if c.IsSet(flag) {
			v.Set(name, c.String(flag))
		}
	}
	if c.Bool("unmask") {
		v.Set("unmask", "1")
	}
	return v
}

func callsListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list calls, the newest first",
		Description: `   sipid calls list
   sipid calls list --access-id 1001 --since 1h -o csv`,
		Flags: callsFlags(append(callsFilterFlags(), &cli.StringFlag{Name: "limit", Value: strconv.Itoa(api.DefaultCalls), Usage: "at most `N` calls"}, outputFlag())...),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			rows, err := remote(c).Calls(c.Context, callsQuery(c))
			if err != nil {
				return err
			}
			return printRows(c, callRows(rows))
		},
	}
}

func callColumns() []string {
	return []string{"id", "at", "status", "source", "access_id", "serial", "trunk", "pbx_group", "target", "state", "code", "call_id"}
}

func callCells(r *report.Row) []string {
	return []string{
		strconv.FormatUint(r.ID, 10), r.At.Format(time.RFC3339Nano), r.Status, r.Source, r.AccessID, r.Serial, r.Trunk, r.PBXGroup,
		r.Target, r.State, strconv.Itoa(r.Code), r.CallID,
	}
}

func callRows(rows []report.Row) listing.Rows {
	return listing.Rows{
		Count: len(rows), Header: callColumns(),
		Cells:  func(i int) []string { return callCells(&rows[i]) },
		Object: func(i int) any { return rows[i] },
	}
}

func callsShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show one call: the SIP messages with their times, the ISUP, each step of the decision",
		ArgsUsage: "ID|CALL-ID",
		Description: `The ID is that of the list; of a Call-ID the newest call is shown.

   sipid calls show 4711
   sipid calls show 4711 --unmask --token-file token -o json`,
		Flags: callsFlags(&cli.StringFlag{Name: "output", Aliases: []string{"o"}, EnvVars: []string{"SIPID_OUTPUT"}, Value: "table", Usage: "`FORMAT`: table, json or csv"}),
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			if len(words) != 1 {
				return usagef("which call? Give its ID or Call-ID; see %s --help", c.Command.HelpName)
			}
			call, err := remote(c).Call(c.Context, words[0], callsQuery(c))
			if err != nil {
				return err
			}
			return printCall(c, call)
		},
	}
}

func printCall(c *cli.Context, call *report.Call) error {
	if c.String("output") == "table" {
		return call.Print(c.App.Writer)
	}
	rows := callRows([]report.Row{call.Row})
	rows.Object = func(int) any { return call }
	return printRows(c, rows)
}

func callsTailCommand() *cli.Command {
	return &cli.Command{
		Name:  "tail",
		Usage: "follow the calls: a line for each that comes, and each time it changes",
		Description: `   sipid calls tail
   sipid calls tail --status bad-serial -o json | jq .call_id`,
		Flags: callsFlags(append(callsFilterFlags(), &cli.StringFlag{
			Name: "output", Aliases: []string{"o"}, EnvVars: []string{"SIPID_OUTPUT"}, Value: "table", Usage: "`FORMAT`: table, json (an object a line) or csv",
		})...),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return tailCalls(c)
		},
	}
}

// tailCalls prints what the stream says until it ends.
func tailCalls(c *cli.Context) error {
	show, err := tailPrinter(c)
	if err != nil {
		return err
	}
	return remote(c).Follow(c.Context, callsQuery(c), show)
}

// codeWord is a final status, or - for a call that has none yet.
func codeWord(code int) string {
	if code == 0 {
		return "-"
	}
	return strconv.Itoa(code)
}

// tailPrinter writes a row as --output says.
func tailPrinter(c *cli.Context) (func(*report.Row) error, error) {
	out := c.App.Writer
	switch format := c.String("output"); format {
	case "table":
		return func(r *report.Row) error {
			at := r.At.Format("15:04:05.000")
			_, err := fmt.Fprintln(out, listing.Printable(strings.Join([]string{
				strconv.FormatUint(r.ID, 10), at, r.State, codeWord(r.Code), r.Status, cmp.Or(r.Source, "-"),
				cmp.Or(r.AccessID, "-"), cmp.Or(r.Serial, "-"), r.Trunk, cmp.Or(r.Target, "-"), r.CallID,
			}, "  ")))
			return err
		}, nil
	case "json":
		return func(r *report.Row) error {
			text, err := listing.JSONText(r)
			if err == nil {
				_, err = fmt.Fprintln(out, text)
			}
			return err
		}, nil
	case "csv":
		rows := callRows(nil)
		if err := rows.CSV(out); err != nil {
			return nil, err
		}
		w := csv.NewWriter(out)
		return func(r *report.Row) error {
			if err := w.Write(callCells(r)); err != nil {
				return err
			}
			w.Flush()
			return w.Error()
		}, nil
	default:
		return nil, usagef("--output %q: table, json or csv", format)
	}
}
