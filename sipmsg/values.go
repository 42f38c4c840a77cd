package sipmsg

// URI is a SIP or SIPS URI in its parts (RFC 3261 section 19.1.1), sub-slices
// of what was parsed. Of a tel URI User is the number; of any other scheme User
// is all that follows the colon.
type URI struct {
	Scheme, User, Host []byte // User includes a password, Host the brackets of IPv6
	Port               int    // 0: absent
	Params, Headers    []byte // with their leading ';' and '?'
}

// ParseURI takes a URI apart.
func ParseURI(b []byte) (URI, error) { return URI{}, nil }

// NameAddr is one value of From, To, Contact, Route, Diversion and the like.
type NameAddr struct {
	Display []byte // with its quotes, if any
	URI     []byte
	Params  []byte // with the leading ';'
}

// ParseNameAddr takes one value apart.
func ParseNameAddr(b []byte) (NameAddr, error) { return NameAddr{}, nil }

// NextValue splits the first value off a comma list, not looking into quotes,
// angle brackets and comments.
func NextValue(list []byte) (value, rest []byte) { return nil, nil }

// Param finds a parameter in ";a;b=c". Names are compared without regard to case.
func Param(params []byte, name string) (value []byte, ok bool) { return nil, false }
