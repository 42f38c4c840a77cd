package vas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ClientConfig says how the call centre claims from one client system.
type ClientConfig struct {
	Endpoint    string // https URL; http only to the machine itself
	Claimant    string // who we are, where the token does not say it
	Token       SecretRef
	Certificate SecretRef // PEM; with Key, for mutual TLS
	Key         SecretRef // PEM
	CA          SecretRef // PEM; empty: the system's
	Policy      Policy
}

// DefaultClaimant is who claims when nothing else is configured.
const DefaultClaimant = "sipid"

// Client claims users' data over HTTP from one client system. It writes nothing
// to disk and keeps no answer.
type Client struct {
	o        ClientConfig
	endpoint *url.URL
	http     *http.Client
	attempts *Attempts
}

var _ Connector = (*Client)(nil)

// maxRedirects on the same host are followed; 307 and 308 alone keep the method.
const maxRedirects = 3

// errRedirect ends a request that was sent elsewhere.
var errRedirect = errors.New("vas: redirect refused")

// NewClient checks the configuration and reads the certificates' files once.
// The error is a *ClaimError with ReasonNotClaimable when nothing can be claimed
// from such an endpoint.
func NewClient(o ClientConfig) (*Client, error) {
	endpoint, err := claimableURL(o.Endpoint)
	if err != nil {
		return nil, err
	}
	if o.Claimant == "" {
		o.Claimant = DefaultClaimant
	}
	for _, ref := range []SecretRef{o.Token, o.Certificate, o.Key, o.CA} {
		if err := ref.Validate(); err != nil {
			return nil, err
		}
	}
	config, err := o.tlsConfig()
	if err != nil {
		return nil, err
	}
	// HTTP/1.1: a claim is one small request, and with HTTP/2 the reason why a
	// server refused our certificate gets lost now and then.
	transport := &http.Transport{
		TLSClientConfig:        config,
		DisableCompression:     true, // a small answer must not unpack to a large one
		MaxIdleConnsPerHost:    8,
		MaxConnsPerHost:        64,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 16 << 10,
	}
	return &Client{
		o: o, endpoint: endpoint, attempts: NewAttempts(o.Policy),
		http: &http.Client{Transport: transport, CheckRedirect: sameHost},
	}, nil
}

// claimableURL accepts https, and http to a loopback address: there nobody
// listens in, and a trial needs no certificate.
func claimableURL(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return nil, &ClaimError{Reason: ReasonNotClaimable, Detail: "endpoint is no URL with a host"}
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		u.Fragment = ""
		return u, nil
	}
	return nil, &ClaimError{Reason: ReasonNotClaimable, Detail: "endpoint is neither https nor http to the machine itself"}
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// sameHost follows a redirect only where the request may have gone anyway, and
// as the request it was.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host || req.Method != first.Method || len(via) > maxRedirects {
		return errRedirect
	}
	return nil
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Claim asks for the data of a serial, for one call.
func (c *Client) Claim(ctx context.Context, q Query) (json.RawMessage, error) {
	// It becomes a part of a path.
	if !decimal(q.Serial) {
		return nil, &ClaimError{Reason: ReasonNotFound, Detail: "no decimal serial"}
	}
	token, err := c.o.Token.Read()
	if err != nil || !headerSafe(token) {
		return nil, &ClaimError{Reason: ReasonCredentials, Detail: "token of " + string(c.o.Token)}
	}
	body, err := json.Marshal(claimRequest{Claimant: c.o.Claimant, CallID: q.CallID})
	if err != nil {
		return nil, err
	}
	return c.attempts.Do(ctx, func(ctx context.Context) (json.RawMessage, error) {
		return c.try(ctx, q.Serial, token, body)
	})
}

// headerSafe says whether a token can stand in an Authorization header.
func headerSafe(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (c *Client) try(ctx context.Context, serial, token string, body []byte) (json.RawMessage, error) {
	target := c.endpoint.JoinPath("v1", "serials", serial, "claim").String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, &ClaimError{Reason: ReasonNotClaimable}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "sipid")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, TransportError(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, statusError(answer.StatusCode)
	}
	return c.read(answer)
}

// read takes the data out of a 200.
func (c *Client) read(answer *http.Response) (json.RawMessage, error) {
	limit := c.attempts.policy.MaxData
	if answer.ContentLength > int64(limit) {
		return nil, &ClaimError{Reason: ReasonTooLarge, Detail: strconv.FormatInt(answer.ContentLength, 10) + " octets"}
	}
	if kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &ClaimError{Reason: ReasonNotJSON, Detail: fmt.Sprintf("Content-Type %.60q", answer.Header.Get("Content-Type"))}
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(limit)+1))
	switch {
	case err != nil:
		return nil, TransportError(err)
	case len(body) > limit:
		return nil, &ClaimError{Reason: ReasonTooLarge, Detail: "more than " + strconv.Itoa(limit) + " octets"}
	}
	var a claimAnswer
	if !utf8.Valid(body) || json.Unmarshal(body, &a) != nil {
		return nil, &ClaimError{Reason: ReasonNotJSON}
	}
	if data := bytes.TrimSpace(a.Data); len(data) == 0 || data[0] != '{' {
		return nil, &ClaimError{Reason: ReasonNotJSON, Detail: "no object in \"data\""}
	}
	return a.Data, nil
}
