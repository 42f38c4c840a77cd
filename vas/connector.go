package vas

import (
	"context"
	"encoding/json"
)

// Query asks for the data of one call's serial.
type Query struct {
	Serial string
	CallID string
}

// Connector fetches a user's data from one client system. Client does so over
// HTTP, package vas/pgtable from a table.
//
// It may be used from several goroutines at once. The answer is one JSON object
// of display fields, its members in the order of the client system. The error is
// a *ClaimError, or ctx's error when ctx ends first. Nothing is kept, and
// nothing of the data or of a secret is in an error.
type Connector interface {
	Claim(ctx context.Context, q Query) (json.RawMessage, error)
	Close()
}

// Reason says why there is no data.
type Reason string

// The reasons of a ClaimError. The agent's page has a sentence for each.
const (
	ReasonNotFound     Reason = "not_found"     // unknown, expired, or deleted
	ReasonClaimed      Reason = "claimed"       // by another claimant or call
	ReasonUnauthorized Reason = "unauthorized"  // wrong token, certificate or password, or not allowed
	ReasonCredentials  Reason = "credentials"   // our own side of them cannot be read
	ReasonTimeout      Reason = "timeout"       // no answer in time
	ReasonUnreachable  Reason = "unreachable"   // no connection, or one that broke
	ReasonTLS          Reason = "tls"           // bad certificate, or no TLS at all
	ReasonTooLarge     Reason = "too_large"     // more than the cap
	ReasonNotJSON      Reason = "not_json"      // HTML, say, or no object
	ReasonRedirect     Reason = "redirect"      // to another host, or with another method
	ReasonBusy         Reason = "busy"          // it says: too many requests
	ReasonFault        Reason = "fault"         // it answers with an error of its own
	ReasonMapping      Reason = "mapping"       // table or columns are not as configured
	ReasonBreakerOpen  Reason = "breaker_open"  // it failed too often and is left alone for a while
	ReasonNotClaimable Reason = "not_claimable" // nothing can be claimed from such an endpoint
)

// ClaimError says why a claim brought no data. Detail is for an operator: a
// status or an error code, never an address with a serial, data, or a secret.
type ClaimError struct {
	Reason Reason
	Detail string // may be empty
}

// Error gives reason and detail.
func (e *ClaimError) Error() string {
	if e.Detail == "" {
		return "claim: " + string(e.Reason)
	}
	return "claim: " + string(e.Reason) + ": " + e.Detail
}

// Is makes the two answers that the interface itself has match their sentinels.
func (e *ClaimError) Is(target error) bool {
	return target == ErrNotFound && e.Reason == ReasonNotFound || target == ErrClaimed && e.Reason == ReasonClaimed
}

// Faulty says whether the client system did not do its part, so that a Breaker
// counts the claim as a failure. A serial that is not there is an answer.
func (e *ClaimError) Faulty() bool {
	switch e.Reason {
	case ReasonTimeout, ReasonUnreachable, ReasonTLS, ReasonTooLarge, ReasonNotJSON, ReasonRedirect, ReasonFault, ReasonMapping:
		return true
	}
	return false
}

// Passing says whether the same claim may work a moment later, so that it is
// tried once more.
func (e *ClaimError) Passing() bool {
	switch e.Reason {
	case ReasonTimeout, ReasonUnreachable, ReasonFault:
		return true
	}
	return false
}
