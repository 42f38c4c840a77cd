package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/clientfile"
	"sipid/listing"
	"sipid/router"
	"sipid/sqlite"
)

func clientHistoryCommand() *cli.Command {
	return &cli.Command{
		Name:      "history",
		Usage:     "show who changed what and when, newest first",
		ArgsUsage: "[ACCESS-ID]",
		Description: `   sipid client history                 the last 100 changes
   sipid client history 1001 --limit 0  all changes of one client, removed or not
   sipid client history -o json`,
		Flags: []cli.Flag{
			accessIDFlag(),
			&cli.IntFlag{Name: "limit", EnvVars: []string{"SIPID_CLIENT_LIMIT"}, Value: 100, Usage: "at most `N` changes; 0: all"},
			outputFlag(), dbFlag(),
		},
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			words = append(slices.DeleteFunc([]string{c.String("access-id")}, func(id string) bool { return id == "" }), words...)
			if len(words) > 1 {
				return usagef("unexpected argument %q; see %s --help", words[1], c.Command.HelpName)
			}
			return showHistory(c, append(words, "")[0])
		},
	}
}

func showHistory(c *cli.Context, id string) error {
	return withClients(c, func(ctx context.Context, s *sqlite.Store) error {
		changes, err := s.History(ctx, id, c.Int("limit"))
		if err != nil {
			return err
		}
		return printRows(c, listing.Rows{
			Count:  len(changes),
			Header: []string{"at", "by", "action", "access_id", "change"},
			Cells:  func(i int) []string { return changeRecord(&changes[i]) },
			Object: func(i int) any { return viewChange(&changes[i]) },
		})
	})
}

// changeView is a history entry as JSON.
type changeView struct {
	At       time.Time   `json:"at"`
	By       string      `json:"by"`
	Action   string      `json:"action"`
	AccessID string      `json:"access_id"`
	Before   *api.Client `json:"before"`
	After    *api.Client `json:"after"`
}

func viewChange(c *router.Change) changeView {
	view := func(client *router.Client) *api.Client {
		if client == nil {
			return nil
		}
		v := api.NewClient(client)
		return &v
	}
	return changeView{At: c.At, By: c.By, Action: c.Action, AccessID: c.AccessID, Before: view(c.Before), After: view(c.After)}
}

func changeRecord(c *router.Change) []string {
	return []string{c.At.UTC().Format(time.RFC3339), c.By, c.Action, c.AccessID, describeChange(c)}
}

// describeChange names the fields that are different, old and new.
func describeChange(c *router.Change) string {
	columns := clientfile.Columns()
	before, after := make([]string, len(columns)), make([]string, len(columns))
	if c.Before != nil {
		before = clientfile.Record(c.Before)
	}
	if c.After != nil {
		after = clientfile.Record(c.After)
	}
	var words []string
	for i, name := range columns {
		switch {
		case i == 0 || before[i] == after[i]:
		case c.Before == nil:
			words = append(words, fmt.Sprintf("%s %q", name, after[i]))
		case c.After == nil:
			words = append(words, fmt.Sprintf("%s %q", name, before[i]))
		default:
			words = append(words, fmt.Sprintf("%s %q → %q", name, before[i], after[i]))
		}
	}
	return strings.Join(words, ", ")
}
