package screenpop

import (
	"context"
	"encoding/json"
	"errors"
)

// Claimer fetches a user's data from the client system, by the serial.
type Claimer interface {
	// Claim answers the JSON object of display fields as the client system wrote
	// it, or an error that holds a *ClaimError with the reason. It keeps its own
	// time limits and ends early with ctx. It is called by several goroutines at
	// once, and again for the same call when an agent asks for it. It must not
	// log or store what it fetched.
	Claim(ctx context.Context, c Claim) (json.RawMessage, error)
}

// Claim says whose data are wanted.
type Claim struct {
	AccessID string
	Endpoint string // of the client table, never of a SIP message
	Serial   string
	CallID   string
}

// Reason is why there are no data. The agent's page has words for each.
type Reason string

// Reasons. Those of package vas have the same names; any other one is shown as
// ReasonFailed.
const (
	ReasonNotFound     Reason = "not_found"     // the client system does not know the serial, or no longer
	ReasonClaimed      Reason = "claimed"       // the serial belongs to another call
	ReasonUnauthorized Reason = "unauthorized"  // it refuses our credentials
	ReasonCredentials  Reason = "credentials"   // we have none, or cannot read them
	ReasonTimeout      Reason = "timeout"       // no answer in time
	ReasonUnreachable  Reason = "unreachable"   // no connection
	ReasonTLS          Reason = "tls"           // its certificate is not to be trusted
	ReasonTooLarge     Reason = "too_large"     // its answer is over the limit
	ReasonNotJSON      Reason = "not_json"      // its answer is no JSON object
	ReasonRedirect     Reason = "redirect"      // it sends us elsewhere
	ReasonBusy         Reason = "busy"          // it asks us to slow down
	ReasonFault        Reason = "fault"         // it has a fault of its own
	ReasonMapping      Reason = "mapping"       // its table is not as configured
	ReasonBreakerOpen  Reason = "breaker_open"  // it failed too often just now
	ReasonNotClaimable Reason = "not_claimable" // the endpoint is none that can be asked
	ReasonQueueFull    Reason = "queue_full"    // too many claims wait here
	ReasonFailed       Reason = "failed"        // anything else
)

// ClaimError is a failed claim. Its text may be logged, so Err holds no data.
type ClaimError struct {
	Reason Reason
	Err    error
}

// Error says the reason and what is behind it.
func (e *ClaimError) Error() string {
	if e.Err == nil {
		return "claim: " + string(e.Reason)
	}
	return "claim: " + string(e.Reason) + ": " + e.Err.Error()
}

// Unwrap gives what is behind the reason.
func (e *ClaimError) Unwrap() error { return e.Err }

// reasonOf gives an error's reason.
func reasonOf(err error) Reason {
	var claim *ClaimError
	switch {
	case errors.As(err, &claim) && claim.Reason != "":
		return claim.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	}
	return ReasonFailed
}
