package main

import "strconv"

// boundary of the multipart bodies; it must not be left in a body that was
// unwrapped.
const boundary = "sipi-boundary-7Qa1"

const (
	called       = "95165"
	callingStart = "0571" // area code of every billing number
)

// appendInvite writes the INVITE of a call.
func (g *generator) appendInvite(b []byte, i int, c *call) []byte {
	me, target := g.uac[c.socket].text, g.c.targetText
	caller := func(b []byte) []byte {
		b = append(b, "<sip:"+callingStart...)
		b = pad(b, uint64(c.calling), 8)
		return append(append(b, '@'), me...)
	}
	b = append(b, "INVITE sip:"+called+"@"...)
	b = append(b, target...)
	b = append(b, ";user=phone SIP/2.0\r\nVia: SIP/2.0/UDP "...)
	b = append(b, me...)
	b = append(b, ";branch=z9hG4bKi"...)
	b = g.appendID(b, i)
	b = append(b, "\r\nMax-Forwards: 70\r\nFrom: "...)
	b = append(caller(b), ";user=phone>;tag=u"...)
	b = g.appendID(b, i)
	b = append(b, "\r\nTo: <sip:"+called+"@"...)
	b = append(b, target...)
	b = append(b, ";user=phone>\r\nCall-ID: "...)
	b = g.appendID(b, i)
	b = append(b, "@sipi.bench\r\nCSeq: 1 INVITE\r\nContact: "...)
	b = append(caller(b), ">\r\nP-Asserted-Identity: "...)
	b = append(caller(b), ";user=phone>\r\nAllow: INVITE,ACK,CANCEL,BYE,OPTIONS,INFO,UPDATE,PRACK\r\nSupported: timer\r\nUser-Agent: SIP-I MGC\r\n"...)
	if g.c.body == "sdp" {
		b = append(b, "Content-Type: application/sdp\r\n"...)
		return appendBody(b, g.sdp)
	}
	b = append(b, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary="+boundary+"\r\n"...)
	return appendBody(b, g.appendMultipart(nil, c))
}

// appendMultipart writes the body of a call: SDP, then ISUP.
func (g *generator) appendMultipart(b []byte, c *call) []byte {
	var calling, original [2 * maxDigits]byte
	b = append(b, "--"+boundary+"\r\nContent-Type: application/sdp\r\n\r\n"...)
	b = append(b, g.sdp...)
	b = append(b, "\r\n--"+boundary+"\r\nContent-Type: application/isup;version=itu-t92+;base=itu-t92+\r\nContent-Disposition: signal;handling=required\r\n\r\n"...)
	b = appendIAM(b, []byte(called),
		pad(append(calling[:0], callingStart...), uint64(c.calling), 8),
		pad(append(original[:0], c.client.accessID...), c.serial, c.client.serialDigits))
	return append(b, "\r\n--"+boundary+"--\r\n"...)
}

// appendInDialog writes the ACK to a 200, or the BYE, along the route set.
func (g *generator) appendInDialog(b []byte, method string, i int, c *call, m *message) []byte {
	b = append(append(b, method...), ' ')
	if uri := uriOf(m.contact); uri != nil {
		b = append(b, uri...)
	} else {
		b = append(append(b, "sip:"...), g.uas.text...)
	}
	b = append(b, " SIP/2.0\r\nVia: SIP/2.0/UDP "...)
	b = append(b, g.uac[c.socket].text...)
	b = append(append(b, ";branch=z9hG4bK"...), lower(method[0]))
	b = append(g.appendID(b, i), "\r\nMax-Forwards: 70\r\n"...)
	routes := m.routeSet()
	for i := len(routes) - 1; i >= 0; i-- {
		b = appendHeader(b, "Route", routes[i])
	}
	b = appendHeader(b, "From", m.from)
	b = appendHeader(b, "To", m.to)
	b = appendHeader(b, "Call-ID", m.callID)
	if method == "ACK" {
		b = append(b, "CSeq: 1 ACK\r\n"...)
	} else {
		b = append(b, "CSeq: 2 BYE\r\n"...)
	}
	return appendBody(b, nil)
}

// appendRefusedACK writes the ACK to a final answer over 299, with the INVITE's
// branch (RFC 3261 clause 17.1.1.3).
func (g *generator) appendRefusedACK(b []byte, m *message) []byte {
	b = append(b, "ACK sip:"+called+"@"...)
	b = append(b, g.c.targetText...)
	b = append(b, ";user=phone SIP/2.0\r\n"...)
	b = appendHeader(b, "Via", m.vias[0])
	b = append(b, "Max-Forwards: 70\r\n"...)
	b = appendHeader(b, "From", m.from)
	b = appendHeader(b, "To", m.to)
	b = appendHeader(b, "Call-ID", m.callID)
	b = append(b, "CSeq: 1 ACK\r\n"...)
	return appendBody(b, nil)
}

// appendAnswererBye writes the BYE of the answering side to the INVITE m.
func (g *generator) appendAnswererBye(b []byte, i int, m *message, tag string) []byte {
	b = append(append(b, "BYE "...), uriOf(m.contact)...)
	b = append(b, " SIP/2.0\r\nVia: SIP/2.0/UDP "...)
	b = append(b, g.uas.text...)
	b = append(b, ";branch=z9hG4bKs"...)
	b = append(g.appendID(b, i), "\r\nMax-Forwards: 70\r\n"...)
	for _, r := range m.routeSet() {
		b = appendHeader(b, "Route", r)
	}
	b = append(append(b, "From: "...), m.to...)
	b = append(append(b, ";tag="...), tag...)
	b = append(b, "\r\n"...)
	b = appendHeader(b, "To", m.from)
	b = appendHeader(b, "Call-ID", m.callID)
	b = append(b, "CSeq: 1 BYE\r\n"...)
	return appendBody(b, nil)
}

// reply is an answer to a request.
type reply struct {
	status string // "200 OK"
	tag    string // added to To; empty: as it came
	extra  string // header lines
	body   []byte // SDP
}

func appendReply(b []byte, m *message, r reply) []byte {
	b = append(append(b, "SIP/2.0 "...), r.status...)
	b = append(b, "\r\n"...)
	for _, v := range m.vias[:min(m.viaCount, maxVias)] {
		b = appendHeader(b, "Via", v)
	}
	if string(m.method) == "INVITE" {
		for _, v := range m.recordRoutes[:min(m.recordCount, maxVias)] {
			b = appendHeader(b, "Record-Route", v)
		}
	}
	b = appendHeader(b, "From", m.from)
	b = append(append(b, "To: "...), m.to...)
	if r.tag != "" {
		b = append(append(b, ";tag="...), r.tag...)
	}
	b = append(b, "\r\n"...)
	b = appendHeader(b, "Call-ID", m.callID)
	b = appendHeader(b, "CSeq", m.cseq)
	b = append(b, r.extra...)
	if r.body != nil {
		b = append(b, "Content-Type: application/sdp\r\n"...)
	}
	return appendBody(b, r.body)
}

func appendHeader(b []byte, name string, value []byte) []byte {
	b = append(append(b, name...), ": "...)
	return append(append(b, value...), "\r\n"...)
}

// appendBody writes Content-Length, the empty line and the body.
func appendBody(b, body []byte) []byte {
	b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(body)), 10)
	return append(append(b, "\r\n\r\n"...), body...)
}

// pad writes v with leading zeros.
func pad(dst []byte, v uint64, width int) []byte {
	var t [maxDigits]byte
	for i := width - 1; i >= 0; i-- {
		t[i] = byte('0' + v%10)
		v /= 10
	}
	return append(dst, t[:width]...)
}
