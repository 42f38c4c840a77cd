package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/clientfile"
	"sipid/listing"
	"sipid/router"
	"sipid/sqlite"
)

func clientListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list all clients, sorted by access ID",
		Description: `   sipid client list
   sipid client list -o json | jq '.[] | select(.enabled | not)'`,
		Flags: []cli.Flag{outputFlag(), dbFlag()},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return withClients(c, func(ctx context.Context, s *sqlite.Store) error {
				clients, err := s.Clients(ctx)
				if err != nil {
					return err
				}
				return printClients(c, clients)
			})
		},
	}
}

func clientShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show one client",
		ArgsUsage: "ACCESS-ID",
		Description: `   sipid client show 1001
   sipid client show 1001 -o json`,
		Flags: []cli.Flag{accessIDFlag(), outputFlag(), dbFlag()},
		Action: func(c *cli.Context) error {
			id, err := accessIDArg(c)
			if err != nil {
				return err
			}
			return withClients(c, func(ctx context.Context, s *sqlite.Store) error {
				client, err := s.Client(ctx, id)
				if err != nil {
					return explainID(id, err)
				}
				return printClients(c, []router.Client{client})
			})
		},
	}
}

func printClients(c *cli.Context, clients []router.Client) error {
	columns := clientfile.Columns()
	if c.String("output") == "table" {
		columns = clientfile.UsedColumns(clients)
	}
	return printRows(c, listing.Rows{
		Count:  len(clients),
		Header: columns,
		Cells:  func(i int) []string { return clientfile.Record(&clients[i])[:len(columns)] },
		Object: func(i int) any { return api.NewClient(&clients[i]) },
	})
}
