package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"sipid/clientfile"
	"sipid/router"
	"sipid/sqlite"
)

// fieldFlags are the flags that give a client's fields, but for its access ID.
func fieldFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "name", EnvVars: []string{"SIPID_CLIENT_NAME"}, Usage: "`NAME` shown to agents"},
		&cli.StringFlag{Name: "endpoint", EnvVars: []string{"SIPID_CLIENT_ENDPOINT"}, Usage: "absolute `URI` where the user's data is claimed"},
		&cli.IntFlag{
			Name: "serial-digits", EnvVars: []string{"SIPID_CLIENT_SERIAL_DIGITS"}, Value: router.DefaultSerialDigits,
			Usage: "`N` digits follow the access ID",
		},
		&cli.StringFlag{Name: "pbx", EnvVars: []string{"SIPID_CLIENT_PBX"}, Value: router.DefaultGroupName, Usage: "PBX `GROUP` that takes its calls"},
		&cli.StringSliceFlag{Name: "calling", EnvVars: []string{"SIPID_CLIENT_CALLING"}, Usage: "`NUMBER` the client calls with; may be repeated"},
		&cli.StringFlag{Name: "valid-from", EnvVars: []string{"SIPID_CLIENT_VALID_FROM"}, Usage: "identify its calls from this `DAY` on, 2026-01-01, or from an RFC 3339 time"},
		&cli.StringFlag{Name: "valid-to", EnvVars: []string{"SIPID_CLIENT_VALID_TO"}, Usage: "identify its calls to the end of this `DAY`, or to an RFC 3339 time"},
		&cli.Float64Flag{Name: "max-cps", EnvVars: []string{"SIPID_CLIENT_MAX_CPS"}, Usage: "at most `N` calls a second; 0: no limit"},
		&cli.IntFlag{Name: "max-calls", EnvVars: []string{"SIPID_CLIENT_MAX_CALLS"}, Usage: "at most `N` calls at the same time; 0: no limit"},
		&cli.StringFlag{Name: "header-profile", EnvVars: []string{"SIPID_CLIENT_HEADER_PROFILE"}, Usage: "`PROFILE` of the headers its calls get", DefaultText: "the PBX group's"},
		&cli.StringFlag{Name: "notes", EnvVars: []string{"SIPID_CLIENT_NOTES"}, Usage: "`TEXT` for people"},
	}
}

// termFlags are the fields that CSV and flags read alike, by column.
func termFlags() []string {
	return []string{"valid_from", "valid_to", "max_cps", "max_calls", "header_profile", "notes"}
}

// setTermFlags puts the flags that were given into client, and counts them.
func setTermFlags(c *cli.Context, client *router.Client) (given int, err error) {
	for _, column := range termFlags() {
		flag := strings.ReplaceAll(column, "_", "-")
		if !c.IsSet(flag) {
			continue
		}
		given++
		if err := clientfile.SetTerm(client, column, fmt.Sprint(c.Value(flag))); err != nil {
			return given, &router.FieldError{Field: column, Rule: err.Error()}
		}
	}
	return given, nil
}

func clientAddCommand() *cli.Command {
	disabled := &cli.BoolFlag{Name: "disabled", EnvVars: []string{"SIPID_CLIENT_DISABLED"}, Usage: "add it, but do not identify its calls yet"}
	return &cli.Command{
		Name:  "add",
		Usage: "add a client",
		Description: `No access ID may begin another one, a disabled client's included.

   sipid client add --access-id 1001 --name "Hangzhou switchboard" --endpoint https://a.example/sipid
   sipid client add --access-id 20 --name Ningbo --endpoint https://b.example/ --serial-digits 6 --pbx night --calling 057185000000`,
		Flags: append(append([]cli.Flag{accessIDFlag()}, fieldFlags()...), disabled, byFlag(), dbFlag()),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			if err := needFlags(c, "access-id", "name", "endpoint"); err != nil {
				return err
			}
			return addClient(c)
		},
	}
}

func addClient(c *cli.Context) error {
	client := router.Client{
		AccessID: c.String("access-id"), Name: c.String("name"), Endpoint: c.String("endpoint"),
		SerialDigits: c.Int("serial-digits"), PBX: c.String("pbx"), Calling: callingNumbers(c), Enabled: !c.Bool("disabled"),
	}
	if _, err := setTermFlags(c, &client); err != nil {
		return err
	}
	// Before a file is made for it.
	if err := client.Validate(); err != nil {
		return err
	}
	return withNewClients(c.Context, c.String("db"), func(ctx context.Context, s *sqlite.Store) error {
		if err := s.AddClient(ctx, client, writtenBy(c)); err != nil {
			return explainID(client.AccessID, err)
		}
		return say(c, "added %s", client.AccessID)
	})
}

func clientSetCommand() *cli.Command {
	return &cli.Command{
		Name:      "set",
		Usage:     "change fields of a client; those that are not given stay",
		ArgsUsage: "ACCESS-ID",
		Description: `An empty --calling removes all calling numbers. Use enable and disable to switch
a client on and off; an access ID cannot change: add a new client, remove the old.

   sipid client set 1001 --name "Hangzhou switchboard 2"
   sipid client set 1001 --calling 057185000000 --calling 057185000001`,
		Flags: append(append([]cli.Flag{accessIDFlag()}, fieldFlags()...), byFlag(), dbFlag()),
		Action: func(c *cli.Context) error {
			id, err := accessIDArg(c)
			if err != nil {
				return err
			}
			return setClient(c, id)
		},
	}
}

func setClient(c *cli.Context, id string) error {
	return withClients(c, func(ctx context.Context, s *sqlite.Store) error {
		before, err := s.Client(ctx, id)
		if err != nil {
			return explainID(id, err)
		}
		after, err := changedClient(c, before)
		if err != nil {
			return err
		}
		if err := s.SetClient(ctx, after, writtenBy(c)); err != nil {
			return explainID(id, err)
		}
		if after.Equal(&before) {
			return say(c, "%s stays as it is", id)
		}
		return say(c, "changed %s", id)
	})
}

// changedClient is client with the fields that were given.
func changedClient(c *cli.Context, client router.Client) (router.Client, error) {
	given, err := setTermFlags(c, &client)
	if err != nil {
		return client, err
	}
	set := func(flag string, assign func()) {
		if c.IsSet(flag) {
			assign()
			given++
		}
	}
	set("name", func() { client.Name = c.String("name") })
	set("endpoint", func() { client.Endpoint = c.String("endpoint") })
	set("serial-digits", func() { client.SerialDigits = c.Int("serial-digits") })
	set("pbx", func() { client.PBX = c.String("pbx") })
	set("calling", func() { client.Calling = callingNumbers(c) })
	if given == 0 {
		return client, usagef("nothing to change; see %s --help", c.Command.HelpName)
	}
	return client, nil
}

// callingNumbers drops empty values: one that stands alone clears the list.
func callingNumbers(c *cli.Context) []string {
	var numbers []string
	for _, number := range c.StringSlice("calling") {
		if number != "" {
			numbers = append(numbers, number)
		}
	}
	return numbers
}
