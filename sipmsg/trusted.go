package sipmsg

// The trusted headers: only this program and its edge set them. Whoever else
// sends one has it removed, from requests and responses.
const (
	HeaderAccessID       = "X-Access-ID"
	HeaderSerial         = "X-Serial"
	HeaderClientName     = "X-Client-Name"
	HeaderClientEndpoint = "X-Client-Endpoint"
	HeaderIdentifyStatus = "X-Identify-Status"
	HeaderIdentifySource = "X-Identify-Source"
	HeaderCallingNumber  = "X-Calling-Number"
	HeaderEdgeSource     = "X-Edge-Source"
)

// TrustedName reports whether a header name is a trusted one: in any case, and
// with '_' for '-', as some readers fold both to one variable name.
func TrustedName(name []byte) bool {
	if len(name) < 8 || name[0]|0x20 != 'x' || name[1] != '-' && name[1] != '_' {
		return false
	}
	switch len(name) {
	case len(HeaderSerial):
		return equalTrusted(name, HeaderSerial)
	case len(HeaderAccessID):
		return equalTrusted(name, HeaderAccessID)
	case len(HeaderClientName): // as long as X-Edge-Source
		return equalTrusted(name, HeaderClientName) || equalTrusted(name, HeaderEdgeSource)
	case len(HeaderCallingNumber):
		return equalTrusted(name, HeaderCallingNumber)
	case len(HeaderClientEndpoint): // as long as the two X-Identify
		return equalTrusted(name, HeaderClientEndpoint) || equalTrusted(name, HeaderIdentifyStatus) || equalTrusted(name, HeaderIdentifySource)
	}
	return false
}

// equalTrusted compares a name of the right length. ASCII letters only are
// folded: a Unicode fold would take U+017F for an s.
func equalTrusted(name []byte, want string) bool {
	for i, c := range name {
		if c == '_' {
			c = '-'
		}
		if lower(c) != lower(want[i]) {
			return false
		}
	}
	return true
}
