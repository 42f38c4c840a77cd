package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"sipid/clientfile"
	"sipid/listing"
	"sipid/router"
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
			return writeClientCSV(c.App.Writer, clients)
		}
		return replaceFile(name, func(w io.Writer) error { return writeClientCSV(w, clients) })
	})
}

func writeClientCSV(out io.Writer, clients []router.Client) error {
	rows := listing.Rows{
		Count:  len(clients),
		Header: clientfile.Columns(),
		Cells:  func(i int) []string { return clientfile.Record(&clients[i]) },
	}
	return rows.CSV(out)
}

// replaceFile writes a file whole or not at all: the old one stays until the
// new one is complete.
func replaceFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone by then if all went well
	b := bufio.NewWriter(f)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
