package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sipid/screenpop"
	"sipid/vas"
	"sipid/vas/pgtable"
)

// maxClaim is how much of an answer is read; an agent reads less.
const maxClaim = 32 << 10

// claimer claims from any client: by the endpoint in the client table and the
// credentials in the configuration. It implements screenpop.Claimer.
type claimer struct {
	o claimSettings

	mu         sync.Mutex
	connectors map[string]connection // by access ID
}

// connection is a connector as long as the endpoint stays the same.
type connection struct {
	endpoint string
	vas.Connector
}

func newClaimer(o claimSettings) *claimer {
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
		policy.MaxData = maxClaim
		one.HTTP = vas.ClientConfig{
			Claimant: c.o.Claimant, Token: vas.SecretRef(strings.ReplaceAll(c.o.Token, accessIDMark, accessID)), Policy: policy,
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

// check reads the tokens, certificates and passwords of the clients that are
// listed, as claims will. A file that cannot be used is an error; a variable
// that is not set here may be set where serve runs, and is a warning.
func (o *claimSettings) check() (warnings []string, err error) {
	for _, accessID := range slices.Sorted(maps.Keys(o.Clients)) {
		one := o.Clients[accessID]
		faults := one.HTTP.Check()
		if one.Table != nil {
			_, err := one.Table.Password.Read()
			faults = []error{err}
		}
		for _, fault := range faults {
			switch {
			case errors.Is(fault, vas.ErrUnset):
				warnings = append(warnings, fmt.Sprintf("screenpop: client %s: %v, and without it nothing is claimed", accessID, fault))
			case fault != nil:
				return nil, fmt.Errorf("screenpop: client %s: %w", accessID, fault)
			}
		}
	}
	return warnings, nil
}
