package main

import (
	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/config"
)

// remoteFlags say which running serve is asked.
func remoteFlags(usage string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "url", EnvVars: []string{"SIPID_URL"}, Value: "http://" + config.DefaultHTTP, Usage: usage},
		&cli.StringFlag{
			Name: "token-file", EnvVars: []string{"SIPID_TOKEN_FILE"}, TakesFile: true,
			Usage: "`FILE` whose first line is a token of the serve's http_tokens",
		},
	}
}

// remote is the serve of --url.
func remote(c *cli.Context) *api.Remote {
	return &api.Remote{URL: c.String("url"), TokenFile: c.String("token-file")}
}
