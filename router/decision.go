package router

// Signals is what identification may look at. All slices may point into the
// received message; they are only read, and not kept.
type Signals struct {
	BodyErr     error    // the body could not be split safely
	ISUP        [][]byte // contents of the application/isup parts, in order
	ISUPLabel   []byte   // Content-Type of the first ISUP part, for its variant
	RequestURI  []byte
	To          []byte   // value of the To header
	Diversion   [][]byte // header values, top-most first
	HistoryInfo [][]byte
	UserToUser  [][]byte
}

// Decision is where a call goes. The zero value is ready for Route; reuse it
// and hand it around by pointer, it holds Route's working space.
type Decision struct {
	Status       Status
	Source       Source  // where the identity stood; SourceNone unless resolved
	Client       *Client // nil unless resolved
	Group        *Group  // the PBX group that takes the call
	RejectStatus int     // 0: forward; else the SIP status to refuse with
	Err          error   // what, where, which octet: for the log. Carries no digits
	Trace        *Trace  // set by explain before Route; nil on the hot path
}

// Route decides where a call from trunk t goes. It fills d from the beginning
// and allocates nothing when it resolves.
func (r *Router) Route(t *Trunk, s *Signals, d *Decision) {}

// Serial is the serial behind the access ID; empty unless resolved by one. It
// is valid until d is used again.
func (d *Decision) Serial() []byte { return nil }

// CallingNumber is the real caller; empty unless the source gives one.
func (d *Decision) CallingNumber() []byte { return nil }

// AppendHeaders appends the header lines for the agent PBX.
func (d *Decision) AppendHeaders(dst []byte) ([]byte, error) { return dst, nil }
