package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/listing"
	"sipid/sqlite"
	"sipid/vas"
)

func vasIssueCommand() *cli.Command {
	return &cli.Command{
		Name:      "issue",
		Usage:     "issue one serial by hand",
		ArgsUsage: "NAME=VALUE...",
		Description: `The display fields are given as NAME=VALUE, or as a JSON object with --data. A
"sipid vas serve" on the same file serves the serial.

   sipid vas issue --access-id 1001 name=王小明 "last order=2026-07-01"
   sipid vas issue --access-id 1001 --data '{"name":"王小明"}' --ttl 1h -o json
   jq -c . user.json | sipid vas issue --access-id 1001 --data -`,
		Flags: append(vasNumberFlags(),
			&cli.StringFlag{Name: "data", EnvVars: []string{"SIPID_VAS_DATA"}, Usage: "`JSON` object of display fields; - reads it from standard input"},
			&cli.DurationFlag{Name: "ttl", EnvVars: []string{"SIPID_VAS_TTL"}, Value: vas.DefaultTTL, Usage: "the data lives for this `TIME`, 10s to 24h"},
			outputFlag(), vasDBFlag()),
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			numbers, err := vasNumbersOf(c)
			if err != nil {
				return err
			}
			data, err := displayFields(c.String("data"), words, os.Stdin)
			if err != nil {
				return err
			}
			return issueByHand(c, numbers, data)
		},
	}
}

// displayFields is the data of an issue: --data or NAME=VALUE words, in their
// order.
func displayFields(data string, words []string, stdin io.Reader) (json.RawMessage, error) {
	switch {
	case data == "" && len(words) == 0:
		return nil, usagef("which data? Give NAME=VALUE or --data")
	case data != "" && len(words) > 0:
		return nil, usagef("NAME=VALUE and --data do not go together")
	case data == "-":
		return io.ReadAll(io.LimitReader(stdin, vas.MaxData+1))
	case data != "":
		return json.RawMessage(data), nil
	}
	var members []string
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			return nil, usagef("%q: not NAME=VALUE", word)
		}
		n, err := listing.JSONText(name)
		if err != nil {
			return nil, err
		}
		v, err := listing.JSONText(value)
		if err != nil {
			return nil, err
		}
		members = append(members, n+":"+v)
	}
	return json.RawMessage("{" + strings.Join(members, ",") + "}"), nil
}

// issuedView is an issue as it is printed; the names are those of the HTTP
// interface.
type issuedView struct {
	Serial               string    `json:"serial"`
	OriginalCalledNumber string    `json:"original_called_number"`
	ExpiresAt            time.Time `json:"expires_at"`
	IAM                  string    `json:"iam"`
	Diversion            string    `json:"diversion"`
}

func issueByHand(c *cli.Context, numbers vasNumbers, data json.RawMessage) error {
	return withVAS(c, true, func(ctx context.Context, store *sqlite.VASStore) error {
		numbers.service.Block = 1 // the rest of a larger one would be lost
		service, err := vas.NewService(ctx, store, numbers.service)
		if err != nil {
			return err
		}
		issued, err := service.Issue(ctx, data, c.Duration("ttl"))
		if err != nil {
			return err
		}
		iam, err := numbers.carriers.IAM(issued.OriginalCalledNumber)
		if err != nil {
			return err
		}
		view := issuedView{
			Serial: issued.Serial, OriginalCalledNumber: issued.OriginalCalledNumber, ExpiresAt: issued.ExpiresAt.UTC(),
			IAM: hex.EncodeToString(iam), Diversion: numbers.carriers.Diversion(issued.OriginalCalledNumber),
		}
		return printRows(c, listing.Rows{
			Count:  1,
			Header: []string{"serial", "original_called_number", "expires_at", "iam", "diversion"},
			Cells: func(int) []string {
				return []string{view.Serial, view.OriginalCalledNumber, view.ExpiresAt.Format(time.RFC3339), view.IAM, view.Diversion}
			},
			Object: func(int) any { return view },
		})
	})
}

func vasListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the serials that live, and who claimed them",
		Description: `   sipid vas list
   sipid vas list --data -o json`,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "limit", EnvVars: []string{"SIPID_VAS_LIMIT"}, Value: 1000, Usage: "at most `N` serials; 0: all"},
			&cli.BoolFlag{Name: "data", EnvVars: []string{"SIPID_VAS_LIST_DATA"}, Usage: "show the users' data too"},
			outputFlag(), vasDBFlag(),
		},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return withVAS(c, false, func(ctx context.Context, s *sqlite.VASStore) error {
				rows, err := liveRows(ctx, s, c.Int("limit"))
				if err != nil {
					return err
				}
				return printLiveRows(c, rows)
			})
		},
	}
}

// listPage is how many rows are read at once.
const listPage = 1000

func liveRows(ctx context.Context, s *sqlite.VASStore, limit int) ([]vas.Row, error) {
	if limit < 0 {
		return nil, usagef("--limit %d: 0 or more", limit)
	}
	var all []vas.Row
	for after := ""; limit == 0 || len(all) < limit; after = all[len(all)-1].Serial {
		page := listPage
		if limit > 0 {
			page = min(page, limit-len(all))
		}
		rows, err := s.List(ctx, after, page, time.Now())
		if err != nil || len(rows) == 0 {
			return all, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// liveView is a live serial as JSON.
type liveView struct {
	Serial    string          `json:"serial"`
	ExpiresAt time.Time       `json:"expires_at"`
	Claimant  string          `json:"claimant"`
	CallID    string          `json:"call_id"`
	ClaimedAt *time.Time      `json:"claimed_at"`
	Data      json.RawMessage `json:"data,omitempty"`
}

func printLiveRows(c *cli.Context, rows []vas.Row) error {
	header := []string{"serial", "expires_at", "claimant", "call_id", "claimed_at"}
	if c.Bool("data") {
		header = append(header, "data")
	}
	return printRows(c, listing.Rows{
		Count:  len(rows),
		Header: header,
		Cells: func(i int) []string {
			r, claimed := &rows[i], ""
			if !r.ClaimedAt.IsZero() {
				claimed = r.ClaimedAt.UTC().Format(time.RFC3339)
			}
			return []string{r.Serial, r.ExpiresAt.UTC().Format(time.RFC3339), r.Bound.Claimant, r.Bound.CallID, claimed, string(r.Data)}[:len(header)]
		},
		Object: func(i int) any { return viewLive(&rows[i], c.Bool("data")) },
	})
}

func viewLive(r *vas.Row, withData bool) liveView {
	v := liveView{Serial: r.Serial, ExpiresAt: r.ExpiresAt.UTC(), Claimant: r.Bound.Claimant, CallID: r.Bound.CallID}
	if !r.ClaimedAt.IsZero() {
		at := r.ClaimedAt.UTC()
		v.ClaimedAt = &at
	}
	if withData {
		v.Data = r.Data
	}
	return v
}
