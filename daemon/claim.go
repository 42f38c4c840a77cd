package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"sipid/config"
	"sipid/screenpop"
	"sipid/vas"
	"sipid/vas/pgtable"
)

// claimer claims from any client: by the endpoint in the client table and the
// credentials in the configuration. It implements screenpop.Claimer.
type claimer struct {
	o config.Claims

	mu         sync.Mutex
	connectors map[string]connection // by access ID
}

// connection is a connector as long as the endpoint stays the same.
type connection struct {
	endpoint string
	vas.Connector
}

func newClaimer(o config.Claims) *claimer {
	return &claimer{o: o, connectors: map[string]connection{}}
}

// Claim implements screenpop.Claimer.
func (c *claimer) Claim(ctx context.Context, q screenpop.Claim) (json.RawMessage, error) {
	connector, err := c.connector(q.AccessID, q.Endpoint)
	if err != nil {
		return nil, claimError(err)
	}
	data, err := connector.Claim(ctx, vas.Query{Serial: q.Serial, CallID: q.CallID})
	if err != nil {
		return nil, claimError(err)
	}
	return data, nil
}

// claimError gives an error of package vas the form the screen knows. The
// reasons have the same names.
func claimError(err error) error {
	var claim *vas.ClaimError
	switch {
	case errors.As(err, &claim):
		return &screenpop.ClaimError{Reason: screenpop.Reason(claim.Reason), Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &screenpop.ClaimError{Reason: screenpop.ReasonCredentials, Err: err}
}

// connector gives a client's connector. It lives on from call to call, since it
// holds the connections and the circuit breaker.
func (c *claimer) connector(accessID, endpoint string) (vas.Connector, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.connectors[accessID]
	if ok && old.endpoint == endpoint {
		return old, nil
	}
	fresh, err := c.connect(accessID, endpoint)
	if err != nil {
		return nil, err
	}
	if ok {
		go old.Close() // a claim may still use it, and that is waited for
	}
	c.connectors[accessID] = connection{endpoint, fresh}
	return fresh, nil
}

func (c *claimer) connect(accessID, endpoint string) (vas.Connector, error) {
	one, listed := c.o.Clients[accessID]
	switch {
	case one.Table != nil:
		table := *one.Table
		table.Endpoint = endpoint
		return pgtable.New(table)
	case !listed:
		policy := vas.DefaultPolicy()
		policy.MaxData = config.MaxClaim
		one.HTTP = vas.ClientConfig{
			Claimant: c.o.Claimant, Token: vas.SecretRef(strings.ReplaceAll(c.o.Token, config.AccessIDMark, accessID)), Policy: policy,
		}
	}
	one.HTTP.Endpoint = endpoint
	return vas.NewClient(one.HTTP)
}

// Close closes all connections.
func (c *claimer) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, connector := range c.connectors {
		connector.Close()
	}
	clear(c.connectors)
}
