package router

import "strconv"

// Status says how identification ended. It is X-Identify-Status.
type Status uint8

// The statuses. The zero value is that of a call nobody looked at.
const (
	StatusNoIdentity      Status = iota // no-identity
	StatusResolved                      // resolved
	StatusMalformedBody                 // malformed-body
	StatusMalformedISUP                 // malformed-isup
	StatusAmbiguous                     // ambiguous
	StatusUnknownAccessID               // unknown-access-id
	StatusBadSerial                     // bad-serial
	StatusClientDisabled                // client-disabled
	StatusNotAllowed                    // not-allowed
)

var statusNames = [...]string{
	StatusNoIdentity:      "no-identity",
	StatusResolved:        "resolved",
	StatusMalformedBody:   "malformed-body",
	StatusMalformedISUP:   "malformed-isup",
	StatusAmbiguous:       "ambiguous",
	StatusUnknownAccessID: "unknown-access-id",
	StatusBadSerial:       "bad-serial",
	StatusClientDisabled:  "client-disabled",
	StatusNotAllowed:      "not-allowed",
}

// Statuses gives every status, so that a metric can show them all from the start.
func Statuses() []Status {
	all := make([]Status, len(statusNames))
	for i := range all {
		all[i] = Status(i)
	}
	return all
}

// String gives the value of X-Identify-Status.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "status-" + strconv.Itoa(int(s))
}

// refusal is the SIP status of a call that ends with s on a trunk that rejects
// what it cannot identify; 0 for a resolved one.
func (s Status) refusal() int {
	switch s {
	case StatusResolved:
		return 0
	case StatusNotAllowed:
		return 403
	case StatusClientDisabled:
		return 480
	default:
		return 404
	}
}
