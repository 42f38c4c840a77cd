package q850

import "strconv"

// Cause is a cause value, Q.850 clause 2.2.7, 1 to 127. The zero value says that
// no cause is given.
type Cause uint8

// MaxCause is the largest cause value there is: it has seven bits.
const MaxCause Cause = 127

// The causes that are named in this module, with Q.850's titles.
const (
	Unallocated         Cause = 1   // unallocated (unassigned) number
	NormalClearing      Cause = 16  // normal call clearing
	UserBusy            Cause = 17  // user busy
	NoUserResponding    Cause = 18  // no user responding
	NoAnswer            Cause = 19  // no answer from user (user alerted)
	SubscriberAbsent    Cause = 20  // subscriber absent
	CallRejected        Cause = 21  // call rejected
	NumberChanged       Cause = 22  // number changed
	ExchangeRouting     Cause = 25  // exchange routing error
	OutOfOrder          Cause = 27  // destination out of order
	AddressIncomplete   Cause = 28  // invalid number format (address incomplete)
	NormalUnspecified   Cause = 31  // normal, unspecified
	NetworkOutOfOrder   Cause = 38  // network out of order
	TemporaryFailure    Cause = 41  // temporary failure
	ServiceUnavailable  Cause = 63  // service or option not available, unspecified
	BearerNotBuilt      Cause = 65  // bearer capability not implemented
	ServiceNotBuilt     Cause = 79  // service or option not implemented, unspecified
	TimerExpiry         Cause = 102 // recovery on timer expiry
	InterworkingUnknown Cause = 127 // interworking, unspecified
)

// Valid tells whether c is a cause at all.
func (c Cause) Valid() bool { return c > 0 && c <= MaxCause }

// String gives the number, as a Reason header has it.
func (c Cause) String() string { return strconv.Itoa(int(c)) }
