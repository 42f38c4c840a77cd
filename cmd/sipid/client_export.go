package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"sipid/clientfile"
	"sipid/sqlite"
)

func clientExportCommand() *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write all clients as CSV, sorted by access ID",
		ArgsUsage: "[FILE|-]",
		Description: `What export writes, import reads back to the same bytes.

   sipid client export > clients.csv
   sipid client export clients.csv`,
		Flags: []cli.Flag{dbFlag()},
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			if len(words) > 1 {
				return usagef("unexpected argument %q; see %s --help", words[1], c.Command.HelpName)
			}
			return exportClients(c, append(words, "-")[0])
		},
	}
}

func exportClients(c *cli.Context, name string) error {
	return withClients(c, func(ctx context.Context, s *sqlite.Store) error {
		clients, err := s.Clients(ctx)
		if err != nil {
			return err
		}
		if name == "-" {
			return clientfile.Write(c.App.Writer, clients)
		}
		return clientfile.WriteFile(name, clients)
	})
}
