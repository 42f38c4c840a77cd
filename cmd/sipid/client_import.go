package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"sipid/clientfile"
	"sipid/router"
	"sipid/sqlite"
)

func clientImportCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "write all clients of a CSV file, or none",
		ArgsUsage: "FILE|-",
		Description: `The first row names the columns, in any order: access_id, name and endpoint must
be there; serial_digits (8), pbx (default), calling (none; numbers separated by
spaces) and enabled (true) may be left out, then every row gets the value in
brackets. UTF-8, with or without a byte order mark. Each row is the whole client.

   sipid client import clients.csv                          add and change, keep all others
   sipid client import --mode replace --dry-run clients.csv what would it do?
   sipid client import --mode replace clients.csv           remove those the file does not list
   sipid client export --db old.db | sipid client import -`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "mode", EnvVars: []string{"SIPID_CLIENT_MODE"}, Value: "upsert", Usage: "`MODE`: upsert, or replace to remove what is not listed"},
			&cli.BoolFlag{Name: "dry-run", EnvVars: []string{"SIPID_CLIENT_DRY_RUN"}, Usage: "check everything, write nothing"},
			&cli.BoolFlag{Name: "force", EnvVars: []string{"SIPID_CLIENT_FORCE"}, Usage: "let a replace remove more than 20 % of the clients"},
			byFlag(), dbFlag(),
		},
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			if len(words) != 1 {
				return usagef("one file is expected, - for standard input; see %s --help", c.Command.HelpName)
			}
			return importClients(c, words[0])
		},
	}
}

func importClients(c *cli.Context, file string) error {
	options := router.ImportOptions{DryRun: c.Bool("dry-run"), Force: c.Bool("force"), By: writtenBy(c)}
	switch mode := c.String("mode"); mode {
	case router.ImportUpsert.String():
	case router.ImportReplace.String():
		options.Mode = router.ImportReplace
	default:
		return usagef("--mode %q: upsert or replace", mode)
	}
	text, name, err := readInput(c, file)
	if err != nil {
		return err
	}
	listed, err := clientfile.Read(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	path, remove, err := importTarget(c.String("db"), options.DryRun)
	if err != nil {
		return err
	}
	defer remove()
	bar := newProgress(c.App.ErrWriter, "clients written")
	defer bar.clear()
	return withNewClients(c.Context, path, func(ctx context.Context, s *sqlite.Store) error {
		result, err := s.ImportClients(ctx, listed.Clients, options)
		bar.clear()
		if err != nil {
			return fmt.Errorf("%s: %w", name, listed.Locate(err))
		}
		return sayImported(c, result, options.DryRun)
	}, sqlite.WithImportProgress(bar.show))
}

func sayImported(c *cli.Context, r router.ImportResult, dryRun bool) error {
	end := ""
	if dryRun {
		end = " (dry run: nothing was written)"
	}
	return say(c, "%d added, %d changed, %d unchanged, %d removed%s", r.Added, r.Changed, r.Unchanged, r.Removed, end)
}

// readInput reads a whole file, or standard input for "-", and gives the name
// that errors call it by.
func readInput(c *cli.Context, file string) (text []byte, name string, err error) {
	if file == "-" {
		text, err = io.ReadAll(c.App.Reader)
		return text, "standard input", err
	}
	text, err = os.ReadFile(file)
	return text, file, err
}

// importTarget is the database an import works on. A dry run must leave no file
// where none was, so it gets one that remove takes away again.
func importTarget(db string, dryRun bool) (path string, remove func(), err error) {
	if _, err := os.Stat(db); err == nil || !dryRun || isURL(db) {
		return db, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "sipid-dry-run-")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(dir, "sipid.db"), func() { os.RemoveAll(dir) }, nil
}
