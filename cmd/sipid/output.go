package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"sipid/listing"
)

func outputFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "output", Aliases: []string{"o"}, EnvVars: []string{"SIPID_OUTPUT"}, Value: "table",
		Usage: "`FORMAT`: table, json or csv",
	}
}

// printRows prints a list as --output says.
func printRows(c *cli.Context, rows listing.Rows) error {
	switch format := c.String("output"); format {
	case "table":
		return rows.Table(c.App.Writer)
	case "json":
		return rows.JSON(c.App.Writer)
	case "csv":
		return rows.CSV(c.App.Writer)
	default:
		return usagef("--output %q: table, json or csv", format)
	}
}

// say prints the outcome of a command that worked.
func say(c *cli.Context, format string, args ...any) error {
	_, err := fmt.Fprintf(c.App.Writer, format+"\n", args...)
	return err
}
