package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/config"
	"sipid/daemon"
	"sipid/listing"
	"sipid/router"
	"sipid/sqlite"
)

func targetCommand() *cli.Command {
	return &cli.Command{
		Name:  "target",
		Usage: "see how the agent PBXs are, take one out of service and back in",
		Description: `A PBX that is drained gets no new calls; those that it has go on. That is kept
until it is enabled again, over restarts too, in a file beside the database.

   sipid target list
   sipid target drain sip:10.2.0.10:5060
   sipid target list                       until its calls are 0
   sipid target enable sip:10.2.0.10:5060`,
		Subcommands: []*cli.Command{targetListCommand(), targetSetCommand(true), targetSetCommand(false)},
	}
}

func targetListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the PBXs: state, since, why, last code, round trip, next probe, calls",
		Description: `A running "sipid serve" is asked over HTTP: how a PBX is, nobody else knows.

   sipid target list
   sipid target list -o json | jq '.[] | select(.state != "up")'`,
		Flags: append([]cli.Flag{outputFlag()}, remoteFlags("where the serve is: `URL` of its HTTP address")...),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			list, err := remote(c).Targets(c.Context)
			if err != nil {
				return err
			}
			return printRows(c, targetRows(list))
		},
	}
}

func targetRows(list []api.Target) listing.Rows {
	return listing.Rows{
		Count:  len(list),
		Header: []string{"group", "uri", "address", "state", "since", "why", "last_code", "rtt", "next_probe", "calls", "max_calls"},
		Cells:  func(i int) []string { return targetCells(&list[i]) },
		Object: func(i int) any { return list[i] },
	}
}

// targetCells are empty where there is nothing to say: not asked yet, not probed, no limit.
func targetCells(v *api.Target) []string {
	unlessZero := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	rtt, next := "", ""
	if v.RTTSeconds > 0 {
		rtt = time.Duration(v.RTTSeconds * float64(time.Second)).Round(10 * time.Microsecond).String()
	}
	if v.NextProbe != nil {
		next = v.NextProbe.Format(time.RFC3339)
	}
	return []string{
		v.Group, v.URI, v.Address, v.State, v.Since.Format(time.RFC3339), v.Why, unlessZero(v.LastCode), rtt, next,
		strconv.Itoa(v.Calls), unlessZero(v.MaxCalls),
	}
}

// targetSetCommand is drain or enable.
func targetSetCommand(out bool) *cli.Command {
	name, usage := "enable", "give a PBX calls again"
	if out {
		name, usage = "drain", "give a PBX no new calls; those that it has go on"
	}
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "URI",
		Description: `The URI is that of the configuration. It is written to the file beside the
database; every "sipid serve" with that database follows within a second, and so
does one that starts later. With --url a serve elsewhere is told instead.

   sipid target ` + name + ` sip:10.2.0.10:5060 --config /etc/sipid/sipid.yaml
   sipid target ` + name + ` sip:10.2.0.10:5060 --url http://10.0.0.5:8060 --token-file token`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "group", EnvVars: []string{"SIPID_GROUP"}, Usage: "only in this PBX group, by `NAME`", DefaultText: "all that have it"},
			configFlag(), dbFlag(),
		}, remoteFlags("tell the serve at this `URL`; without it the file is written")...),
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			if len(words) != 1 {
				return usagef("which PBX? Give its URI; see %s --help", c.Command.HelpName)
			}
			if c.IsSet("url") {
				return setTargetRemote(c, words[0], out)
			}
			return setTargetFile(c, words[0], out)
		},
	}
}

func setTargetRemote(c *cli.Context, uri string, out bool) error {
	list, err := remote(c).SetTarget(c.Context, c.String("group"), uri, out)
	if err != nil {
		return err
	}
	for _, v := range list {
		if err := sayTarget(c, sqlite.TargetKey{Group: v.Group, URI: v.URI}, out); err != nil {
			return err
		}
	}
	return nil
}

// setTargetFile writes the file.
func setTargetFile(c *cli.Context, uri string, out bool) error {
	groups, db, err := targetSettings(c, uri)
	if err != nil {
		return err
	}
	if !served(db) {
		return fmt.Errorf("no serve ever had the client table %s, so none would follow; name the table with --db or --config, or the serve with --url", db)
	}
	keys, err := daemon.MatchTargets(groups, c.String("group"), uri)
	if err != nil {
		return err
	}
	store, err := sqlite.OpenTargets(c.Context, config.TargetsDB(db))
	if err != nil {
		return err
	}
	defer store.Close()
	for _, k := range keys {
		if err := store.SetDrained(c.Context, k, out); err != nil {
			return err
		}
		if err := sayTarget(c, k, out); err != nil {
			return err
		}
	}
	return nil
}

// served tells whether a serve ever ran with this client table: it makes it, and a
// copy. A name that is relative means another file in each folder.
func served(db string) bool {
	for _, file := range []string{db, sqlite.LastGood(db)} {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// targetSettings are the groups there are, and the client table. Without a configuration
// file nobody but the serve knows what it was given with --pbx: then any target
// is believed.
func targetSettings(c *cli.Context, uri string) ([]router.Group, string, error) {
	given := givenFlags(c)
	if given.Config == "" {
		if err := config.CheckTarget(uri); err != nil {
			return nil, "", usagef("%q: %w", uri, err)
		}
		return []router.Group{{Name: router.DefaultGroupName, Targets: []router.Target{{URI: uri}}}}, c.String("db"), nil
	}
	s, err := config.Load(given)
	if err != nil {
		return nil, "", err
	}
	return s.Groups, s.DB, nil
}

func sayTarget(c *cli.Context, k sqlite.TargetKey, out bool) error {
	done := "enabled"
	if out {
		done = "drained"
	}
	return say(c, "%s %s of %s", done, k.URI, k.Group)
}
