package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"sipid/config"
)

// Flags that several commands share. Each has its environment name.

func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", Aliases: []string{"c"}, EnvVars: []string{"SIPID_CONFIG"}, TakesFile: true,
		DefaultText: config.DefaultFile + " when it is there",
		Usage:       "configuration `FILE`; flags that are given win over it",
	}
}

func dbFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "db", EnvVars: []string{"SIPID_DB"}, TakesFile: true, Value: config.DefaultDB,
		Usage: "client table, an SQLite `FILE`",
	}
}

// givenFlags takes the flags that were given, by hand or by environment, and
// leaves defaults out: those must not win over a configuration file.
func givenFlags(c *cli.Context) config.Flags {
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
	return config.Flags{
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
	if _, err := os.Stat(config.DefaultFile); err == nil {
		return config.DefaultFile
	}
	return ""
}

func serveFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{
			Name: "listen", EnvVars: []string{"SIPID_LISTEN"}, Value: cli.NewStringSlice(config.DefaultListen),
			Usage: "take SIP on `udp:ADDRESS:PORT` or tcp:...; may be repeated",
		},
		&cli.StringSliceFlag{
			Name: "pbx", EnvVars: []string{"SIPID_PBX"}, Value: cli.NewStringSlice(config.DefaultPBX),
			Usage: "agent PBX, a SIP `URI`; may be repeated; not with a configuration file",
		},
		&cli.StringFlag{
			Name: "http", EnvVars: []string{"SIPID_HTTP"}, Value: config.DefaultHTTP,
			Usage: "health, metrics and API on `ADDRESS:PORT`; port 0 picks one and logs it",
		},
		&cli.StringFlag{
			Name: "key-file", EnvVars: []string{"SIPID_KEY_FILE"}, TakesFile: true, DefaultText: config.DefaultKey + " beside the database",
			Usage: "`FILE` of the key that signs branches and routes; made at first start",
		},
		&cli.StringFlag{
			Name: "log-level", EnvVars: []string{"SIPID_LOG_LEVEL"}, Value: "info",
			Usage: "debug, info, warn or error",
		},
		&cli.StringFlag{
			Name: "log-format", EnvVars: []string{"SIPID_LOG_FORMAT"}, Value: "text",
			Usage: "text or json",
		},
		&cli.StringFlag{
			Name: "drain-timeout", EnvVars: []string{"SIPID_DRAIN_TIMEOUT"}, Value: config.DefaultDrain.String(),
			Usage: "how long running transactions may take to finish at the end",
		},
	}
}
