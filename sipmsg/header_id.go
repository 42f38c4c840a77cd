package sipmsg

import (
	"encoding/binary"
	"fmt"
)

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
	IDMaxBreadth                       // RFC 5393 section 5.8
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
	IDRetryAfter                       // RFC 3261 section 20.33
	IDSessionExpires                   // x, RFC 4028 section 4
	IDDiversion                        // RFC 5806
	IDHistoryInfo                      // RFC 7044
	IDUserToUser                       // RFC 7433
	IDPAssertedIdentity                // RFC 3325
	IDPrivacy                          // RFC 3323
	IDRemotePartyID                    // draft-ietf-sip-privacy-04, still what many PBXs send
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
	for _, n := range headerNames {
		if n.id == id {
			return n.print
		}
	}
	return fmt.Sprintf("HeaderID(%d)", uint8(id))
}

type headerName struct {
	lower string // for the comparison
	id    HeaderID
	print string
}

// headerNames are the full names. Lookups go through nameTable.
var headerNames = []headerName{
	{"via", IDVia, "Via"},
	{"from", IDFrom, "From"},
	{"to", IDTo, "To"},
	{"call-id", IDCallID, "Call-ID"},
	{"cseq", IDCSeq, "CSeq"},
	{"max-forwards", IDMaxForwards, "Max-Forwards"},
	{"max-breadth", IDMaxBreadth, "Max-Breadth"},
	{"contact", IDContact, "Contact"},
	{"route", IDRoute, "Route"},
	{"record-route", IDRecordRoute, "Record-Route"},
	{"content-length", IDContentLength, "Content-Length"},
	{"content-type", IDContentType, "Content-Type"},
	{"content-disposition", IDContentDisposition, "Content-Disposition"},
	{"content-transfer-encoding", IDContentTransferEncoding, "Content-Transfer-Encoding"},
	{"content-language", IDContentLanguage, "Content-Language"},
	{"content-id", IDContentID, "Content-ID"},
	{"content-encoding", IDContentEncoding, "Content-Encoding"},
	{"mime-version", IDMIMEVersion, "MIME-Version"},
	{"require", IDRequire, "Require"},
	{"proxy-require", IDProxyRequire, "Proxy-Require"},
	{"supported", IDSupported, "Supported"},
	{"expires", IDExpires, "Expires"},
	{"timestamp", IDTimestamp, "Timestamp"},
	{"reason", IDReason, "Reason"},
	{"retry-after", IDRetryAfter, "Retry-After"},
	{"session-expires", IDSessionExpires, "Session-Expires"},
	{"diversion", IDDiversion, "Diversion"},
	{"history-info", IDHistoryInfo, "History-Info"},
	{"user-to-user", IDUserToUser, "User-to-User"},
	{"remote-party-id", IDRemotePartyID, "Remote-Party-ID"},
	{"p-asserted-identity", IDPAssertedIdentity, "P-Asserted-Identity"},
	{"privacy", IDPrivacy, "Privacy"},
	{"x-edge-source", IDEdgeSource, HeaderEdgeSource},
}

// A name is compared as words of eight octets, not octet by octet: the lookup is
// done for every header line, and loops over names of many lengths cost more
// than anything else in them. head holds the first eight octets, tail the last
// eight of a longer name; the fold masks have bit 20h where a letter stands, so
// that the comparison is exact for every other octet.
type nameWords struct {
	head, headFold uint64
	tail, tailFold uint64
	middle         string // between them
	n              int    // octets of the name, 0: a free slot
	id             HeaderID
}

const nameSlots = 128

// nameTable is a hash table with open addressing. Built once, never written after.
var nameTable = makeNameTable()

func makeNameTable() (t [nameSlots]nameWords) {
	for _, n := range headerNames {
		name := []byte(n.lower)
		w := nameWords{head: word(name), headFold: foldMask(name), n: len(name), id: n.id}
		if len(name) > 8 {
			w.tail, w.tailFold = word(name[len(name)-8:]), foldMask(name[len(name)-8:])
		}
		if len(name) > 16 {
			w.middle = n.lower[8 : len(name)-8]
		}
		slot := nameSlot(w.head, len(name))
		for t[slot].n != 0 {
			slot = (slot + 1) % nameSlots
		}
		t[slot] = w
	}
	return t
}

// word gives the first eight octets, zero behind a shorter name.
func word(b []byte) uint64 {
	n := len(b)
	if cap(b) >= 8 { // nearly always: the message goes on behind the name
		w := binary.LittleEndian.Uint64(b[:8])
		if n < 8 {
			w &= 1<<(8*n) - 1
		}
		return w
	}
	var w uint64
	for i, c := range b {
		w |= uint64(c) << (8 * i)
	}
	return w
}

func foldMask(b []byte) (mask uint64) {
	for i, c := range b[:min(8, len(b))] {
		if 'a' <= c && c <= 'z' {
			mask |= 0x20 << (8 * i)
		}
	}
	return mask
}

func nameSlot(head uint64, n int) uint {
	return uint((head|0x2020202020202020)+uint64(n)) * 0x9e3779b97f4a7c15 >> 57
}

// idOf gives the ID of a header name. The name must not be empty, but may be any
// octets: what is no token is IDOther.
// Known reports whether a header name is one that this program itself looks at,
// by its full or its compact form.
func Known(name []byte) bool { return idOf(name) != IDOther }

func idOf(name []byte) HeaderID { return lookup(name, word(name)) }

// lookup is idOf for a name whose word is known.
func lookup(name []byte, head uint64) HeaderID {
	n := len(name)
	if n == 1 {
		return compactID(name[0])
	}
	for slot := nameSlot(head, n); ; slot = (slot + 1) % nameSlots {
		e := &nameTable[slot]
		switch {
		case e.n != n:
			if e.n != 0 {
				continue
			}
			if name[0]|0x20 == 'x' && TrustedName(name) {
				return IDTrusted
			}
			return IDOther
		case head|e.headFold != e.head:
		case n <= 8, word(name[n-8:])|e.tailFold == e.tail && (n <= 16 || equalFold(name[8:n-8], e.middle)):
			return e.id
		}
	}
}

// compactID gives the ID of a compact form. Forms of headers without an ID
// (s Subject, o Event, u Allow-Events, r Refer-To, b
// Referred-By, a, d, j, n, y) are IDOther like their full names.
func compactID(c byte) HeaderID {
	switch c | 0x20 { // only letters become letters so
	case 'x':
		return IDSessionExpires
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

// singles has a bit for each header that may stand only once in a message: its
// grammar is no comma-separated list (RFC 3261 section 7.3.1), and two copies
// would let two readers see two messages.
const singles uint64 = 1<<IDFrom | 1<<IDTo | 1<<IDCallID | 1<<IDCSeq | 1<<IDMaxForwards | 1<<IDMaxBreadth | 1<<IDContentLength |
	1<<IDContentType | 1<<IDContentDisposition | 1<<IDContentTransferEncoding | 1<<IDContentID | 1<<IDMIMEVersion |
	1<<IDExpires | 1<<IDTimestamp

func (id HeaderID) single() bool { return singles>>id&1 != 0 }
