package sipmsg

import "fmt"

// HeaderID names the headers this program looks at. All others are IDOther and
// pass as they came.
type HeaderID uint8

// The header IDs, with the compact form where there is one.
const (
	IDOther                   HeaderID = iota
	IDVia                              // v, RFC 3261 section 20.42
	IDFrom                             // f, 20.20
	IDTo                               // t, 20.39
	IDCallID                           // i, 20.8
	IDCSeq                             // 20.16
	IDMaxForwards                      // 20.22
	IDContact                          // m, 20.10
	IDRoute                            // 20.34
	IDRecordRoute                      // 20.30
	IDContentLength                    // l, 20.14
	IDContentType                      // c, 20.15
	IDContentDisposition               // 20.11
	IDContentTransferEncoding          // RFC 2045 section 6
	IDContentLanguage                  // RFC 3261 section 20.13
	IDContentID                        // RFC 8262
	IDContentEncoding                  // e, RFC 3261 section 20.12
	IDMIMEVersion                      // 20.24
	IDRequire                          // 20.32
	IDProxyRequire                     // 20.29
	IDSupported                        // k, 20.37
	IDExpires                          // 20.19
	IDTimestamp                        // 20.38
	IDReason                           // RFC 3326
	IDDiversion                        // RFC 5806
	IDHistoryInfo                      // RFC 7044
	IDUserToUser                       // RFC 7433
	IDPAssertedIdentity                // RFC 3325
	IDPrivacy                          // RFC 3323
	IDEdgeSource                       // X-Edge-Source, trusted
	IDTrusted                          // any other trusted name, and X_Edge_Source with underscores
	idCount
)

// Trusted reports whether headers of this ID are never taken over from outside.
func (id HeaderID) Trusted() bool { return id == IDTrusted || id == IDEdgeSource }

// String gives the header's full name.
func (id HeaderID) String() string {
	switch id {
	case IDOther:
		return "other"
	case IDTrusted:
		return "trusted"
	}
	for _, names := range headerNames {
		for _, n := range names {
			if n.id == id {
				return n.print
			}
		}
	}
	return fmt.Sprintf("HeaderID(%d)", uint8(id))
}

type headerName struct {
	lower string // for the comparison
	id    HeaderID
	print string
}

// headerNames has the full names by their length: most lookups compare one or
// two candidates. Never written after the start.
var headerNames = [...][]headerName{
	2:  {{"to", IDTo, "To"}},
	3:  {{"via", IDVia, "Via"}},
	4:  {{"from", IDFrom, "From"}, {"cseq", IDCSeq, "CSeq"}},
	5:  {{"route", IDRoute, "Route"}},
	6:  {{"reason", IDReason, "Reason"}},
	7:  {{"call-id", IDCallID, "Call-ID"}, {"contact", IDContact, "Contact"}, {"require", IDRequire, "Require"}, {"expires", IDExpires, "Expires"}, {"privacy", IDPrivacy, "Privacy"}},
	9:  {{"supported", IDSupported, "Supported"}, {"diversion", IDDiversion, "Diversion"}, {"timestamp", IDTimestamp, "Timestamp"}},
	10: {{"content-id", IDContentID, "Content-ID"}},
	12: {{"max-forwards", IDMaxForwards, "Max-Forwards"}, {"content-type", IDContentType, "Content-Type"}, {"record-route", IDRecordRoute, "Record-Route"}, {"mime-version", IDMIMEVersion, "MIME-Version"}, {"history-info", IDHistoryInfo, "History-Info"}, {"user-to-user", IDUserToUser, "User-to-User"}},
	13: {{"proxy-require", IDProxyRequire, "Proxy-Require"}, {"x-edge-source", IDEdgeSource, HeaderEdgeSource}},
	14: {{"content-length", IDContentLength, "Content-Length"}},
	16: {{"content-language", IDContentLanguage, "Content-Language"}, {"content-encoding", IDContentEncoding, "Content-Encoding"}},
	19: {{"content-disposition", IDContentDisposition, "Content-Disposition"}, {"p-asserted-identity", IDPAssertedIdentity, "P-Asserted-Identity"}},
	25: {{"content-transfer-encoding", IDContentTransferEncoding, "Content-Transfer-Encoding"}},
}

// idOf looks a header name up. The name must be a token, see equalToken.
func idOf(name []byte) HeaderID {
	n := len(name)
	if n == 1 {
		return compactID(name[0])
	}
	if n < len(headerNames) {
		c := name[0] | 0x20
		for i := range headerNames[n] {
			if e := &headerNames[n][i]; e.lower[0] == c && equalToken(name, e.lower) {
				return e.id
			}
		}
	}
	if TrustedName(name) {
		return IDTrusted
	}
	return IDOther
}

// compactID gives the ID of a compact form. Forms of headers without an ID
// (s Subject, x Session-Expires, o Event, u Allow-Events, r Refer-To, b
// Referred-By, a, d, j, n, y) are IDOther like their full names.
func compactID(c byte) HeaderID {
	switch c | 0x20 {
	case 'v':
		return IDVia
	case 'f':
		return IDFrom
	case 't':
		return IDTo
	case 'i':
		return IDCallID
	case 'm':
		return IDContact
	case 'l':
		return IDContentLength
	case 'c':
		return IDContentType
	case 'e':
		return IDContentEncoding
	case 'k':
		return IDSupported
	}
	return IDOther
}

// single reports whether a header may stand only once in a message: its
// grammar is no comma-separated list (RFC 3261 section 7.3.1), and two copies
// would let two readers see two messages.
func (id HeaderID) single() bool {
	switch id {
	case IDFrom, IDTo, IDCallID, IDCSeq, IDMaxForwards, IDContentLength, IDContentType, IDContentDisposition,
		IDContentTransferEncoding, IDContentID, IDMIMEVersion, IDExpires, IDTimestamp:
		return true
	}
	return false
}
