package proxy

// refusal is an answer of our own to a request that goes no further.
type refusal struct {
	status int
	reason string
	// passing: the same request may succeed later; the answer carries Retry-After.
	passing bool
}

// Our refusals, each with the clause of RFC 3261 that asks for it.
var (
	errForbidden      = refusal{status: 403, reason: "Forbidden"}                          // 21.4.4: no trunk of ours, or a PBX that calls
	errNotIdentified  = refusal{status: 404, reason: "Caller Not Identified"}              // the trunk's policy
	errClientDisabled = refusal{status: 480, reason: "Client Disabled"}                    // the trunk's policy
	errIncomplete     = refusal{status: 484, reason: "Address Incomplete"}                 // RFC 3578: overlap, which we do not do
	errTimeout        = refusal{status: 408, reason: "Request Timeout"}                    // 16.7 step 6: no target answered
	errURIScheme      = refusal{status: 416, reason: "Unsupported URI Scheme"}             // 16.3 step 2
	errExtension      = refusal{status: 420, reason: "Bad Extension"}                      // 16.3 step 5
	errNoDialog       = refusal{status: 481, reason: "Call/Transaction Does Not Exist"}    // 9.2, 12.2.2
	errLoop           = refusal{status: 482, reason: "Loop Detected"}                      // 16.3 step 4
	errTooManyHops    = refusal{status: 483, reason: "Too Many Hops"}                      // 16.3 step 3
	errBreadth        = refusal{status: 440, reason: "Max-Breadth Exceeded"}               // RFC 5393 5.3.3: not even one branch may be made
	errTerminated     = refusal{status: 487, reason: "Request Terminated"}                 // 9.1
	errInternal       = refusal{status: 500, reason: "Server Internal Error"}              // 21.5.1
	errOneFull        = refusal{status: 500, reason: "Server Internal Error"}              // 16.7 step 6: a target said 503, and another may take calls
	errNextHop        = refusal{status: 503, reason: "Next Hop Unreachable"}               // 16.6 step 7
	errTooLong        = refusal{status: 513, reason: "Message Too Large"}                  // 21.5.7: it would fit no datagram
	errDraining       = refusal{status: 503, reason: "Shutting Down", passing: true}       // 21.5.4
	errBusy           = refusal{status: 486, reason: "Busy Here"}                          // the same, where the trunk wants to hear it so
	errTooManyCalls   = refusal{status: 503, reason: "Too Many Calls", passing: true}      // 21.5.4: over a limit
	errNoTarget       = refusal{status: 503, reason: "No PBX Takes Calls", passing: true}  // 21.5.4: all drained, or full
	errOverload       = refusal{status: 503, reason: "Overload", passing: true}            // 21.5.4: they would wait too long
	errNoRoom         = refusal{status: 503, reason: "Too Much Is Waiting", passing: true} // 21.5.4: memory is bounded
	errNotReady       = refusal{status: 503, reason: "Not Ready", passing: true}           // 21.5.4
)

// rejected is the refusal for a status that the router chose.
func rejected(status int) refusal {
	switch status {
	case errForbidden.status:
		return errForbidden
	case errClientDisabled.status:
		return errClientDisabled
	default:
		return errNotIdentified
	}
}
