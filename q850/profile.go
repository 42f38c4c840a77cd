package q850

// Profile chooses between the two tables that the field works by.
type Profile uint8

// The profiles.
const (
	Q1912   Profile = iota // ITU-T Q.1912.5, the basic rules
	RFC3398                // RFC 3398 sections 7.2.4.1 and 8.2.6.1
)

// profileNames are the names in configurations.
var profileNames = [...]string{Q1912: "q1912.5", RFC3398: "rfc3398"}

// String gives the name in configurations.
func (p Profile) String() string {
	if int(p) < len(profileNames) {
		return profileNames[p]
	}
	return "profile?"
}

// ParseProfile reads a name of String.
func ParseProfile(name string) (Profile, bool) {
	for i, n := range &profileNames {
		if n == name {
			return Profile(i), true
		}
	}
	return 0, false
}

// CauseOf gives the cause of a final SIP status from 300 up. It is 0 for what is
// no reason to release, and for the answer to a call that its caller gave up
// (487): his side has released already.
func (p Profile) CauseOf(status int) Cause {
	switch {
	case status < 300 || status > 699:
		return 0
	case p == RFC3398:
		return causeRFC3398(status)
	}
	return causeQ1912(status)
}

// Unspecified is the cause of statuses that the profile does not list.
func (p Profile) Unspecified() Cause {
	if p == RFC3398 {
		return NormalUnspecified
	}
	return InterworkingUnknown
}

// causeQ1912 is the table of Q.1912.5 for the sending side of a gateway, as it is
// commonly read.
func causeQ1912(status int) Cause {
	switch status {
	case 404, 604:
		return Unallocated
	case 410:
		return NumberChanged
	case 480:
		return SubscriberAbsent
	case 484:
		return AddressIncomplete
	case 486, 600:
		return UserBusy
	case 487, 491:
		return 0
	case 603:
		return CallRejected
	}
	return InterworkingUnknown
}

// causeRFC3398 is the table of RFC 3398 section 8.2.6.1. What it says of the
// Warning header is in CauseOfWarning.
func causeRFC3398(status int) Cause {
	switch status {
	case 404, 485, 604:
		return Unallocated
	case 486, 600:
		return UserBusy
	case 480:
		return NoUserResponding
	case 401, 402, 403, 407, 603:
		return CallRejected
	case 410:
		return NumberChanged
	case 482, 483:
		return ExchangeRouting
	case 484:
		return AddressIncomplete
	case 487:
		return 0
	case 502:
		return NetworkOutOfOrder
	case 400, 481, 500, 503:
		return TemporaryFailure
	case 405:
		return ServiceUnavailable
	case 406, 415, 501:
		return ServiceNotBuilt
	case 408, 504:
		return TimerExpiry
	case 413, 414, 416, 420, 421, 423, 505, 513:
		return InterworkingUnknown
	}
	return NormalUnspecified // 488 and 606 too, unless their Warning says more
}

// CauseOfWarning gives the cause of a 488 or 606 whose Warning header has this
// code (RFC 3398 section 8.2.6.1): 65 where it speaks of a bearer that is not
// there, 31 otherwise.
func CauseOfWarning(code int) Cause {
	switch code {
	case 304, 305: // media type not available, incompatible media format
		return BearerNotBuilt
	}
	return NormalUnspecified
}

// StatusOf gives the SIP status of a cause. It is 0 where no status says the
// same: the call is ended with BYE or CANCEL then.
func (p Profile) StatusOf(c Cause, l Location) int {
	switch {
	case !c.Valid():
		return 0
	case p == RFC3398:
		return statusRFC3398(c, l)
	}
	return statusQ1912(c)
}

// statusQ1912 is the table of Q.1912.5 for the receiving side of a gateway.
func statusQ1912(c Cause) int {
	switch c {
	case 1:
		return 404
	case 16, 18, 19, 20, 21, 25, 31, 34, 102, 127:
		return 480
	case 17:
		return 486
	case 22:
		return 410
	case 27:
		return 502
	case 28:
		return 484
	}
	return 500
}

// statusRFC3398 is the table of RFC 3398 section 7.2.4.1.
func statusRFC3398(c Cause, l Location) int {
	switch c {
	case 16, 44:
		return 0
	case 1, 2, 3, 26:
		return 404
	case 17:
		return 486
	case 18:
		return 408
	case 19, 20, 31:
		return 480
	case 21:
		if l == LocationU {
			return 603
		}
		return 403
	case 22, 23:
		return 410
	case 27:
		return 502
	case 28:
		return 484
	case 29, 79:
		return 501
	case 34, 38, 41, 42, 47, 58, 88:
		return 503
	case 55, 57, 87:
		return 403
	case 65, 70:
		return 488
	case 102:
		return 504
	}
	return 500
}
