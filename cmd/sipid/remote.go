package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/config"
	"sipid/report"
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

// remotePatience bounds a question to a serve, but not a stream.
const remotePatience = 30 * time.Second

// maxRemote bounds an answer: 10 000 calls are some megabytes.
const maxRemote = 64 << 20

// remote sends a request to the serve of --url. The caller closes the body.
func remote(ctx context.Context, c *cli.Context, method, path, mediaType string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.String("url"), "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, usagef("--url: %w", err)
	}
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	if file := c.String("token-file"); file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		token, _, _ := strings.Cut(string(content), "\n")
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("is a \"sipid serve\" there? %w", err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, remoteError(response)
	}
	return response, nil
}

// remoteError is the serve's own words, or the status of whatever answers.
func remoteError(r *http.Response) error {
	var e apiError
	if json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&e) == nil && e.Error.Message != "" {
		return errors.New(e.Error.Message)
	}
	return fmt.Errorf("%s: %s", r.Request.URL.Redacted(), r.Status)
}

// remoteJSON asks and reads the answer into v.
func remoteJSON(c *cli.Context, method, path, mediaType string, body []byte, v any) error {
	ctx, cancel := context.WithTimeout(c.Context, remotePatience)
	defer cancel()
	response, err := remote(ctx, c, method, path, mediaType, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(io.LimitReader(response.Body, maxRemote)).Decode(v); err != nil {
		return fmt.Errorf("%s: %w", response.Request.URL.Redacted(), err)
	}
	return nil
}

// remoteExplain has a running serve answer.
func remoteExplain(_ context.Context, c *cli.Context, q *explainRequest) ([]*report.Explanation, error) {
	const path = "/v1/route/explain"
	query := "?" + url.Values{"source": {q.Source}}.Encode()
	if q.Capture != nil {
		var list []*report.Explanation
		return list, remoteJSON(c, http.MethodPost, path+query, mediaCapture, q.Capture, &list)
	}
	raw, err := q.raw()
	if err != nil {
		return nil, err
	}
	e := new(report.Explanation)
	return []*report.Explanation{e}, remoteJSON(c, http.MethodPost, path+query, mediaSIP, raw, e)
}
