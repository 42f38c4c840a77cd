package api

import (
	"bufio"
	"bytes"
	"cmp"
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

	"sipid/httpjson"
	"sipid/report"
)

// Remote is a running serve, asked over HTTP. Its errors are the serve's own
// words where it said any.
type Remote struct {
	URL       string // of its HTTP address
	TokenFile string // its first line is a token of the serve's http_tokens; empty: none is sent
}

// remotePatience bounds a question to a serve, but not a stream.
const remotePatience = 30 * time.Second

// maxRemote bounds an answer: 10 000 calls are some megabytes.
const maxRemote = 64 << 20

// ErrStreamEnded means that a serve that was followed went away.
var ErrStreamEnded = errors.New("the serve ended the stream")

// URLError is a --url that is none.
type URLError struct{ err error }

// Error says what is wrong with it.
func (e *URLError) Error() string { return "--url: " + e.err.Error() }

// ExitCode is 2, as for all that is wrong with a command line.
func (e *URLError) ExitCode() int { return 2 }

// question is one request to a serve.
type question struct {
	method, path string
	mediaType    string // of the body; empty: there is none
	body         []byte
}

// send asks. The caller closes the body of the answer, whose status is 200.
func (r *Remote) send(ctx context.Context, q question) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, q.method, strings.TrimRight(r.URL, "/")+q.path, bytes.NewReader(q.body))
	if err != nil {
		return nil, &URLError{err}
	}
	if q.mediaType != "" {
		request.Header.Set("Content-Type", q.mediaType)
	}
	if r.TokenFile != "" {
		content, err := os.ReadFile(r.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		token, _, _ := strings.Cut(string(content), "\n")
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("is a \"sipid serve\" there? %w", err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, refusal(response)
	}
	return response, nil
}

// refusal is the serve's own words, or the status of whatever answers.
func refusal(r *http.Response) error {
	var e httpjson.Failure
	if json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&e) == nil && e.Error.Message != "" {
		return errors.New(e.Error.Message)
	}
	return fmt.Errorf("%s: %s", r.Request.URL.Redacted(), r.Status)
}

// ask asks and reads the answer into v.
func (r *Remote) ask(ctx context.Context, q question, v any) error {
	ctx, cancel := context.WithTimeout(ctx, remotePatience)
	defer cancel()
	response, err := r.send(ctx, q)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(io.LimitReader(response.Body, maxRemote)).Decode(v); err != nil {
		return fmt.Errorf("%s: %w", response.Request.URL.Redacted(), err)
	}
	return nil
}

func (r *Remote) get(ctx context.Context, path string, v any) error {
	return r.ask(ctx, question{method: http.MethodGet, path: path}, v)
}

// Targets are the PBX targets as they are now.
func (r *Remote) Targets(ctx context.Context) (list []Target, err error) {
	err = r.get(ctx, "/v1/targets", &list)
	return list, err
}

// SetTarget takes a PBX target out of service or back in, in the named group or,
// when group is empty, in all, and gives those that were meant.
func (r *Remote) SetTarget(ctx context.Context, group, uri string, out bool) (list []Target, err error) {
	body, err := json.Marshal(targetQuestion{URI: uri, Group: group})
	if err != nil {
		return nil, err
	}
	path := "/v1/targets/enable"
	if out {
		path = "/v1/targets/drain"
	}
	err = r.ask(ctx, question{http.MethodPost, path, "application/json", body}, &list)
	return list, err
}

// Calls are the last calls, the newest first. The query is that of /v1/calls.
func (r *Remote) Calls(ctx context.Context, query url.Values) (rows []report.Row, err error) {
	err = r.get(ctx, "/v1/calls?"+query.Encode(), &rows)
	return rows, err
}

// Call is one call, by its number or its Call-ID.
func (r *Remote) Call(ctx context.Context, id string, query url.Values) (*report.Call, error) {
	call := new(report.Call)
	return call, r.get(ctx, "/v1/calls/"+url.PathEscape(id)+"?"+query.Encode(), call)
}

// Follow shows each call as it comes and each time it changes, until ctx is done
// (nil), show fails, or the stream ends (ErrStreamEnded, or why).
func (r *Remote) Follow(ctx context.Context, query url.Values, show func(*report.Row) error) error {
	response, err := r.send(ctx, question{method: http.MethodGet, path: "/v1/calls/stream?" + query.Encode()})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var row report.Row
		if err := json.Unmarshal([]byte(data), &row); err != nil {
			return fmt.Errorf("stream: %w", err)
		}
		if err := show(&row); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return nil // interrupted, as such a command is
	}
	return cmp.Or(lines.Err(), ErrStreamEnded)
}

// Explain has the serve answer where a call would go.
func (r *Remote) Explain(ctx context.Context, q *report.Question) ([]*report.Explanation, error) {
	path := "/v1/route/explain?" + url.Values{"source": {q.Source}}.Encode()
	if q.Capture != nil {
		var list []*report.Explanation
		err := r.ask(ctx, question{http.MethodPost, path, mediaCapture, q.Capture}, &list)
		return list, err
	}
	raw, err := q.Raw()
	if err != nil {
		return nil, err
	}
	e := new(report.Explanation)
	return []*report.Explanation{e}, r.ask(ctx, question{http.MethodPost, path, mediaSIP, raw}, e)
}
