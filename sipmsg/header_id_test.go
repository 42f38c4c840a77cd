package sipmsg_test

import (
	"strings"
	"testing"

	"sipid/sipmsg"
)

// idOf parses a request with one more header and gives that header's ID.
func idOf(t *testing.T, name string) sipmsg.HeaderID {
	t.Helper()
	var m sipmsg.Message
	// In a response nothing is refused for being there twice.
	if err := m.Parse([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 BYE\r\n" + name + ": 1 BYE\r\n\r\n")); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m.Headers[2].ID
}

func TestHeaderIDs(t *testing.T) {
	names := map[string]sipmsg.HeaderID{
		"Via": sipmsg.IDVia, "From": sipmsg.IDFrom, "To": sipmsg.IDTo, "Call-ID": sipmsg.IDCallID, "CSeq": sipmsg.IDCSeq,
		"Max-Forwards": sipmsg.IDMaxForwards, "Contact": sipmsg.IDContact, "Route": sipmsg.IDRoute, "Record-Route": sipmsg.IDRecordRoute,
		"Content-Type": sipmsg.IDContentType, "Content-Disposition": sipmsg.IDContentDisposition,
		"Content-Transfer-Encoding": sipmsg.IDContentTransferEncoding, "Content-Language": sipmsg.IDContentLanguage,
		"Content-ID": sipmsg.IDContentID, "Content-Encoding": sipmsg.IDContentEncoding, "MIME-Version": sipmsg.IDMIMEVersion,
		"Require": sipmsg.IDRequire, "Proxy-Require": sipmsg.IDProxyRequire, "Supported": sipmsg.IDSupported,
		"Expires": sipmsg.IDExpires, "Timestamp": sipmsg.IDTimestamp, "Reason": sipmsg.IDReason, "Diversion": sipmsg.IDDiversion,
		"History-Info": sipmsg.IDHistoryInfo, "User-to-User": sipmsg.IDUserToUser, "P-Asserted-Identity": sipmsg.IDPAssertedIdentity,
		"Privacy": sipmsg.IDPrivacy, "Retry-After": sipmsg.IDRetryAfter, "Session-Expires": sipmsg.IDSessionExpires, "Remote-Party-ID": sipmsg.IDRemotePartyID, "X-Edge-Source": sipmsg.IDEdgeSource,
	}
	for name, id := range names {
		equal(t, name, id.String(), name)
		equal(t, name, id.Trusted(), id == sipmsg.IDEdgeSource)
		for _, spelling := range []string{name, strings.ToLower(name), strings.ToUpper(name), name + " ", name + "\t "} {
			equal(t, spelling, idOf(t, spelling), id)
		}
		// One octet off is another header, at every place of the name.
		for i := range len(name) {
			for _, c := range "x-_.%" {
				off := name[:i] + string(c) + name[i+1:]
				if strings.EqualFold(off, name) || isTrusted(lenientName(off)) {
					continue
				}
				equal(t, off, idOf(t, off), sipmsg.IDOther)
			}
		}
		equal(t, name+"s", idOf(t, name+"s"), sipmsg.IDOther)
	}
	compact := map[string]sipmsg.HeaderID{
		"v": sipmsg.IDVia, "f": sipmsg.IDFrom, "t": sipmsg.IDTo, "i": sipmsg.IDCallID, "m": sipmsg.IDContact,
		"c": sipmsg.IDContentType, "e": sipmsg.IDContentEncoding, "k": sipmsg.IDSupported, "x": sipmsg.IDSessionExpires,
	}
	for _, c := range tokenOctets {
		name := string(c)
		if name != "l" && name != "L" {
			equal(t, name, idOf(t, name), compact[strings.ToLower(name)])
		}
	}
	var m sipmsg.Message
	parse(t, &m, []byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 BYE\r\nL: 2\r\n\r\nabc"))
	equal(t, "compact length", string(m.Bytes(m.Body)), "ab")
	equal(t, "length", sipmsg.IDContentLength.String(), "Content-Length")
	equal(t, "trusted", sipmsg.IDTrusted.String(), "trusted")
	equal(t, "other", sipmsg.IDOther.String(), "other")
	equal(t, "unknown", sipmsg.HeaderID(200).String(), "HeaderID(200)")
}

func TestTrustedName(t *testing.T) {
	constants := []string{
		sipmsg.HeaderAccessID, sipmsg.HeaderSerial, sipmsg.HeaderClientName, sipmsg.HeaderClientEndpoint,
		sipmsg.HeaderIdentifyStatus, sipmsg.HeaderIdentifySource, sipmsg.HeaderCallingNumber, sipmsg.HeaderEdgeSource,
	}
	equal(t, "names", len(constants), len(trustedNames))
	for i, name := range constants {
		equal(t, "name", strings.ToLower(name), trustedNames[i])
		for _, s := range []string{name, strings.ToLower(name), strings.ToUpper(name), strings.ReplaceAll(name, "-", "_"), strings.Replace(name, "-", "_", 1)} {
			equal(t, s, sipmsg.TrustedName([]byte(s)), true)
			want := sipmsg.IDTrusted
			if strings.EqualFold(s, sipmsg.HeaderEdgeSource) { // with an underscore the edge did not take it out
				want = sipmsg.IDEdgeSource
			}
			equal(t, s, idOf(t, s), want)
		}
		for k := range len(name) {
			s := name[:k] + "\r" + name[k+1:]
			equal(t, s, sipmsg.TrustedName([]byte(s)), false)
			s = name[:k] + name[k+1:]
			equal(t, s, sipmsg.TrustedName([]byte(s)), false)
		}
	}
	for _, s := range []string{"", "x", "X-", "X-Access-\u017fD", "X-\u017ferial", "Subject"} {
		equal(t, s, sipmsg.TrustedName([]byte(s)), false)
	}
}

func TestMethods(t *testing.T) {
	n := 0
	for m := sipmsg.MethodInvite; m.String() != "extension"; m++ {
		equal(t, m.String(), sipmsg.MethodOf([]byte(m.String())), m)
		equal(t, "lower case", sipmsg.MethodOf([]byte(strings.ToLower(m.String()))), sipmsg.MethodUnknown)
		n++
	}
	equal(t, "methods", n, 14)
	equal(t, "unknown", sipmsg.MethodUnknown.String(), "extension")
}
