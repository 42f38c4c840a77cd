package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/urfave/cli/v2"

	"sipid/router"
	"sipid/sqlite"
)

func clientCommand() *cli.Command {
	return &cli.Command{
		Name:  "client",
		Usage: "add, change, list and import the client systems",
		Description: `The client table says which client system an access ID belongs to. A change
is live in a running serve within a second; there is nothing to reload.

   sipid client add --access-id 1001 --name "Hangzhou switchboard" --endpoint https://a.example/sipid
   sipid client list
   sipid client disable 1001
   sipid client export > clients.csv
   sipid client import --mode replace clients.csv
   sipid client history 1001`,
		Subcommands: []*cli.Command{
			clientAddCommand(), clientSetCommand(), clientShowCommand(), clientListCommand(),
			clientRemoveCommand(), clientEnableCommand(), clientDisableCommand(),
			clientImportCommand(), clientExportCommand(), clientHistoryCommand(),
		},
	}
}

// Flags that several client commands share. Those that describe a client have
// SIPID_CLIENT_ in front: SIPID_PBX is serve's.

func accessIDFlag() cli.Flag {
	return &cli.StringFlag{Name: "access-id", EnvVars: []string{"SIPID_CLIENT_ACCESS_ID"}, Usage: "decimal access `ID`; leading zeros count"}
}

func byFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "by", EnvVars: []string{"SIPID_BY"}, DefaultText: "the user who runs the command",
		Usage: "`WHO` asks for the change, for the history",
	}
}

// writtenBy is who goes into the history: by sudo, the user in front of it.
func writtenBy(c *cli.Context) string {
	if by := c.String("by"); by != "" {
		return by
	}
	if by := os.Getenv("SUDO_USER"); by != "" {
		return by
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

// accessIDArg is the one access ID a command is about: its argument or its flag.
func accessIDArg(c *cli.Context) (string, error) {
	words, err := arguments(c)
	if err != nil {
		return "", err
	}
	id := c.String("access-id")
	if id == "" && len(words) > 0 {
		id, words = words[0], words[1:]
	}
	if len(words) > 0 {
		return "", usagef("unexpected argument %q; see %s --help", words[0], c.Command.HelpName)
	}
	if id == "" {
		return "", usagef("which client? Give its access ID; see %s --help", c.Command.HelpName)
	}
	return id, nil
}

// withClients runs f on the store of --db, which must be there: a mistyped name
// must not make an empty one.
func withClients(c *cli.Context, f func(ctx context.Context, s *sqlite.Store) error) error {
	path := c.String("db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && !isURL(path) {
		return fmt.Errorf("%s: no client table there; sipid client add or import makes one", path)
	}
	return withNewClients(c.Context, path, f)
}

// withNewClients makes the store when there is none.
func withNewClients(ctx context.Context, path string, f func(ctx context.Context, s *sqlite.Store) error, options ...sqlite.Option) error {
	if isURL(path) {
		return usagef("--db %s: this release knows SQLite files only", path)
	}
	s, err := sqlite.Open(ctx, path, options...)
	if err != nil {
		return err
	}
	defer s.Close()
	return explainClientError(f(ctx, s))
}

func isURL(path string) bool { return strings.Contains(path, "://") }

// explainClientError says what an error of the store means at the command line.
func explainClientError(err error) error {
	var shrink *router.ShrinkError
	switch {
	case errors.As(err, &shrink):
		return fmt.Errorf("nothing was written: the import %w; add --force if that is meant", shrink)
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted, nothing was written")
	}
	return err
}

// explainID puts an access ID to the store's errors about it.
func explainID(id string, err error) error {
	switch {
	case errors.Is(err, router.ErrNoClient):
		return fmt.Errorf("no client has the access ID %q", id)
	case errors.Is(err, router.ErrClientExists):
		return fmt.Errorf("the access ID %q is taken; sipid client set changes a client", id)
	}
	return err
}
