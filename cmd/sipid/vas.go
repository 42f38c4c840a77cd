package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"sipid/internal/trial"
	"sipid/sqlite"
	"sipid/vas"
)

// defaultVASDB is the temporary table, beside sipid.db on a machine for trials.
const defaultVASDB = "vas.db"

func vasCommand() *cli.Command {
	return &cli.Command{
		Name:  "vas",
		Usage: "the client system's side: issue serials, serve their data to the call centre",
		Description: `When a user asks for an agent, the platform issues a serial for what it knows of
the user, and calls with access ID and serial as the original called number. The
call centre claims the data by the serial.

   sipid vas serve --access-id 1001 --token-file tokens
   sipid vas issue --access-id 1001 name=王小明 menu=0
   sipid vas list`,
		Subcommands: []*cli.Command{vasServeCommand(), vasIssueCommand(), vasListCommand()},
	}
}

func vasDBFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "db", EnvVars: []string{"SIPID_VAS_DB"}, TakesFile: true, Value: defaultVASDB,
		Usage: "temporary table, an SQLite `FILE`",
	}
}

// vasNumberFlags describe the client system and what its calls carry.
func vasNumberFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "access-id", EnvVars: []string{"SIPID_VAS_ACCESS_ID"}, Usage: "access `ID` the call centre gave; leading zeros count"},
		&cli.IntFlag{
			Name: "serial-digits", EnvVars: []string{"SIPID_VAS_SERIAL_DIGITS"}, Value: vas.DefaultDigits,
			Usage: "`N` digits of a serial, as the call centre has them",
		},
		&cli.StringFlag{Name: "called", EnvVars: []string{"SIPID_VAS_CALLED"}, Value: trial.DefaultCalled, Usage: "access `NUMBER` of the call centre, for the IAM"},
		&cli.StringFlag{Name: "calling", EnvVars: []string{"SIPID_VAS_CALLING"}, Usage: "calling `NUMBER` that is charged, for the IAM; none when empty"},
		&cli.StringFlag{
			Name: "diversion-host", EnvVars: []string{"SIPID_VAS_DIVERSION_HOST"}, Value: vas.DefaultCarrierHost,
			Usage: "`HOST` in the Diversion header",
		},
	}
}

// vasNumbers are the values of vasNumberFlags, checked.
type vasNumbers struct {
	service  vas.Options
	carriers vas.Carriers
}

func vasNumbersOf(c *cli.Context) (vasNumbers, error) {
	n := vasNumbers{
		service:  vas.Options{AccessID: c.String("access-id"), Digits: c.Int("serial-digits")},
		carriers: vas.Carriers{Called: c.String("called"), Calling: c.String("calling"), Host: c.String("diversion-host")},
	}
	if err := needFlags(c, "access-id"); err != nil {
		return n, err
	}
	if err := n.service.Validate(); err != nil {
		return n, &usageError{err}
	}
	if err := n.carriers.Validate(); err != nil {
		return n, &usageError{err}
	}
	return n, nil
}

// withVAS runs f on the temporary table of --db. Where none is to be made, it
// must be there.
func withVAS(c *cli.Context, create bool, f func(ctx context.Context, s *sqlite.VASStore) error) error {
	path := c.String("db")
	if isURL(path) {
		return usagef("--db %s: this release knows SQLite files only", path)
	}
	if _, err := os.Stat(path); !create && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: no temporary table there; sipid vas serve or issue makes one", path)
	}
	s, err := sqlite.OpenVAS(c.Context, path)
	if err != nil {
		return err
	}
	return errors.Join(f(c.Context, s), s.Close())
}
