package router

// Signals is what identification may look at. All slices may point into the
// received message; they are only read, and not kept.
type Signals struct {
	BodyErr     error    // the body could not be split safely
	ISUP        [][]byte // contents of the application/isup parts, in order
	ISUPLabel   []byte   // Content-Type of the first ISUP part, for its variant
	RequestURI  []byte
	To          []byte   // value of the To header
	Diversion   [][]byte // header values, top-most first; each may be a comma list
	HistoryInfo [][]byte
	UserToUser  [][]byte

	// Read by the sources called-suffix and calling only, and by who asks whether
	// the caller's number may be shown. See Trunk.NeedsCaller.
	From     []byte   // value of the From header
	Asserted [][]byte // values of P-Asserted-Identity
	Privacy  []byte   // value of the Privacy header
}

// Decision is where a call goes. The zero value is ready for Route; reuse it
// for the next call.
type Decision struct {
	Status       Status
	Source       Source  // where the identity stood; SourceNone unless resolved
	Client       *Client // nil unless resolved
	Group        *Group  // the PBX group that takes the call
	RejectStatus int     // 0: forward; else the SIP status to refuse with
	Err          error   // what is wrong with the body or the ISUP, where: for the log. Carries no digits
	Trace        *Trace  // set by explain before Route; nil on the hot path

	CalledDiffers bool // the ISUP called number is not that of the Request-URI
	Restricted    bool // the caller's number must not be shown further on

	profile *Profile // nil: the trusted headers
	name    string   // the client's name as the header shows it
	id      int      // digits of the access ID
	length  int      // digits of access ID and serial
	digits  [maxAccessID + maxSerialDigits]byte

	callerLength int
	caller       [maxNumber]byte
}

// Serial is the serial behind the access ID; empty unless resolved by one. It
// is valid until d is used again.
func (d *Decision) Serial() []byte { return d.digits[d.id:d.length] }

// CallingNumber is the real caller, of a call that the sources called-suffix or
// calling resolved; empty where its presentation is restricted. It is valid
// until d is used again.
func (d *Decision) CallingNumber() []byte {
	if d.Restricted {
		return nil
	}
	return d.caller[:d.callerLength]
}
