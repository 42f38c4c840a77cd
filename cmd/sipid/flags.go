package main

import (
	"os"

	"github.com/urfave/cli/v2"
)

// Flags that several commands share. Each has its environment name.

func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", Aliases: []string{"c"}, EnvVars: []string{"SIPID_CONFIG"}, TakesFile: true,
		DefaultText: defaultConfig + " when it is there",
		Usage:       "configuration `FILE`; flags that are given win over it",
	}
}

func dbFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "db", EnvVars: []string{"SIPID_DB"}, TakesFile: true, Value: defaultDB,
		Usage: "client table, an SQLite `FILE`",
	}
}

// givenFlags takes the flags that were given, by hand or by environment, and
// leaves defaults out: those must not win over a configuration file.
func givenFlags(c *cli.Context) settingsFlags {
	given := func(name string) string {
		if c.IsSet(name) {
			return c.String(name)
		}
		return ""
	}
	list := func(name string) []string {
		if c.IsSet(name) {
			return c.StringSlice(name)
		}
		return nil
	}
	return settingsFlags{
		Config:    configFile(c),
		DB:        given("db"),
		Listen:    list("listen"),
		PBX:       list("pbx"),
		HTTP:      given("http"),
		KeyFile:   given("key-file"),
		LogLevel:  given("log-level"),
		LogFormat: given("log-format"),
		Drain:     given("drain-timeout"),
	}
}

// configFile is the file that was named, which must exist, or sipid.yaml when
// there is one; empty means flags alone.
func configFile(c *cli.Context) string {
	if c.IsSet("config") {
		return c.String("config")
	}
	if _, err := os.Stat(defaultConfig); err == nil {
		return defaultConfig
	}
	return ""
}
