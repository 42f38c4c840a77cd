package main

import (
	"bytes"
	"strconv"
)

// check says what was wrong with a message.
type check uint8

const (
	good check = iota
	wrongAccessID
	wrongSerial
	wrongEndpoint
	wrongName
	wrongStatus
	wrongSource
	trustedTwice
	isupLeft
	wrongContentType
	wrongBody
	noRecordRoute
	wrongViaCount
	wrongMaxForwards
	twoBranches
	routeLeft
	viaAtUAC
	unexpectedX
	wrongAnswer
	checkCount
)

// String returns the name that stands behind "bad_" in the result.
func (c check) String() string {
	switch c {
	case wrongAccessID:
		return "x_access_id"
	case wrongSerial:
		return "x_serial"
	case wrongEndpoint:
		return "x_endpoint"
	case wrongName:
		return "x_name"
	case wrongStatus:
		return "x_status"
	case wrongSource:
		return "x_source"
	case trustedTwice:
		return "x_twice"
	case isupLeft:
		return "isup_left"
	case wrongContentType:
		return "content_type"
	case wrongBody:
		return "body"
	default:
		return c.routing()
	}
}

func (c check) routing() string {
	switch c {
	case noRecordRoute:
		return "no_record_route"
	case wrongViaCount:
		return "via_count"
	case wrongMaxForwards:
		return "max_forwards"
	case twoBranches:
		return "two_branches"
	case routeLeft:
		return "route_left"
	case viaAtUAC:
		return "via_at_uac"
	case unexpectedX:
		return "unexpected_x"
	case wrongAnswer:
		return "answer_sdp"
	default:
		return strconv.Itoa(int(c))
	}
}

// check compares the INVITE that the proxy made with what it must be.
func (g *generator) check(c *call, m *message, p []byte) check {
	content := g.checkUnchanged
	if g.c.expect == expectJob {
		content = g.checkJob
	}
	if why := content(c, m, p); why != good {
		return why
	}
	var digits [maxDigits]byte
	switch {
	case g.c.expect == expectFwd:
		return good
	case m.recordCount == 0:
		return noRecordRoute
	case m.viaCount != 1+g.c.hops:
		return wrongViaCount
	case string(m.maxForwards) != string(strconv.AppendInt(digits[:0], int64(70-g.c.hops), 10)):
		return wrongMaxForwards
	default:
		return good
	}
}

// checkJob: the caller is identified, the body is the SDP alone, octet for octet
// (the CRLF before a delimiter is the delimiter's, RFC 2046 clause 5.1.1).
func (g *generator) checkJob(c *call, m *message, p []byte) check {
	var digits [maxDigits]byte
	contentType, _, _ := bytes.Cut(m.contentType, []byte(";"))
	contentType = trim(contentType)
	switch t := &m.trusted; {
	case m.trustedTwice: // first: the values are one of two each
		return trustedTwice
	case string(t[xAccessID]) != c.client.accessID:
		return wrongAccessID
	case string(t[xSerial]) != string(pad(digits[:0], c.serial, c.client.serialDigits)):
		return wrongSerial
	case string(t[xClientEndpoint]) != c.client.endpoint:
		return wrongEndpoint
	case string(t[xClientName]) != c.client.name:
		return wrongName
	case string(t[xIdentifyStatus]) != "resolved":
		return wrongStatus
	case g.c.source != "" && string(t[xIdentifySource]) != g.c.source:
		return wrongSource
	case !nameIs(contentType, "application/sdp"):
		return wrongContentType
	case hasISUP(p), bytes.Contains(p, []byte(boundary)):
		return isupLeft
	case !bytes.Equal(m.body, g.sdp):
		return wrongBody
	default:
		return good
	}
}

// checkUnchanged: the body is as it was sent, and nobody was identified.
func (g *generator) checkUnchanged(c *call, m *message, _ []byte) check {
	for _, v := range m.trusted {
		if v != nil {
			return unexpectedX
		}
	}
	want := g.sdp
	if g.c.body == "sipi" {
		want = g.appendMultipart(nil, c)
	}
	if !bytes.Equal(m.body, want) {
		return wrongBody
	}
	return good
}
