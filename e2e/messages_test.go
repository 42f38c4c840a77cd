package e2e_test

import (
	"fmt"
	"strings"
)

// This file holds the SIP messages of the scenarios. Branches are made from the CSeq number, not by SIPp, because the
// ACK of a failure and a CANCEL need the branch of their INVITE.

const sdp = `v=0
o=- 20518 0 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[local_ip_type] [local_ip]
t=0 0
m=audio 30000 RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
`

const boundary = "sipi-7Qa1"

// uacFrom and uacTo are the caller's; the PBX side takes them from the INVITE.
const (
	uacFrom = `From: <sip:057112345678@[local_ip]:[local_port];user=phone>;tag=[pid]u[call_number]`
	uacTo   = `To: <sip:95165@[remote_ip]:[remote_port];user=phone>`
)

func send(attr string, lines ...string) string {
	return "<send" + attr + "><![CDATA[\n\n" + strings.Join(lines, "\n") + "\n]]></send>"
}

func via(branch string) string {
	return "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-" + branch
}

// invite is the first INVITE of a call; with retransmission.
func (c call) invite() string {
	lines := []string{
		"INVITE sip:" + c.user() + "@[remote_ip]:[remote_port];user=phone SIP/2.0",
		via("1"), "Max-Forwards: 70", uacFrom, uacTo, "Call-ID: [call_id]", "CSeq: 1 INVITE",
		"Contact: <sip:057112345678@[local_ip]:[local_port]>",
	}
	lines = append(lines, c.Headers...)
	lines = append(lines, c.body())
	return send(` retrans="500"`, lines...)
}

func (c call) user() string {
	if c.User == "" {
		return "95165"
	}
	return c.User
}

// body is multipart with the SDP first, as platforms send it, or the SDP alone.
func (c call) body() string {
	if c.IAM == nil {
		return "Content-Type: application/sdp\nContent-Length: [len]\n\n" + sdp
	}
	label := c.Label
	if label == "" {
		label = "application/isup;version=itu-t92+;base=itu-t92+"
	}
	return "MIME-Version: 1.0\nContent-Type: multipart/mixed;boundary=" + boundary + "\nContent-Length: [len]\n\n" +
		"--" + boundary + "\nContent-Type: application/sdp\n\n" + sdp +
		"\n--" + boundary + "\nContent-Type: " + label + "\n" +
		"Content-Disposition: signal;handling=required\n\n" + octets(c.IAM) +
		"\n--" + boundary + "--\n"
}

// request is one of the caller's requests within the dialog.
func request(method string, cseq int) string {
	method, isup, _ := strings.Cut(method, "+")
	branch, attr := fmt.Sprint(cseq), ` retrans="500"`
	if method == "ACK" {
		branch, attr = branch+"a", ""
	}
	return send(attr, method+" [next_url] SIP/2.0", via(branch), "Max-Forwards: 70", "[routes]", uacFrom,
		uacTo+"[peer_tag_param]", "Call-ID: [call_id]", fmt.Sprintf("CSeq: %d %s", cseq, method),
		"Contact: <sip:057112345678@[local_ip]:[local_port]>", contentOr(method, isup))
}

// isupMessages are what a trunk says within a call.
var isupMessages = map[string][]byte{"SUS": {0x0D, 0x01, 0x00}, "RES": {0x0E, 0x01, 0x00}, "REL": {0x0C, 0x02, 0x00, 0x02, 0x82, 0x9F}, "RLC": {0x10, 0x00}}

// contentOr is the content with an ISUP message, or the usual one.
func contentOr(method, isup string) string {
	if isup == "" {
		return content(method)
	}
	return "MIME-Version: 1.0\nContent-Type: multipart/mixed;boundary=" + boundary + "\nContent-Length: [len]\n\n" +
		"--" + boundary + "\nContent-Type: application/isup;version=itu-t92+;base=itu-t92+\n\n" +
		octets(isupMessages[isup]) + "\n--" + boundary + "--\n"
}

// content gives the requests a body where they usually have one.
func content(method string) string {
	switch method {
	case "INVITE", "UPDATE":
		return "Content-Type: application/sdp\nContent-Length: [len]\n\n" + sdp
	case "INFO":
		return "Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal=5\nDuration=160\n"
	case "PRACK":
		return "RAck: 1 1 INVITE\nContent-Length: 0\n"
	case "MESSAGE":
		return "Content-Type: text/plain\nContent-Length: [len]\n\nhello\n"
	default:
		return "Content-Length: 0\n"
	}
}

// outOfDialog is a request that opens no dialog.
func outOfDialog(method string) string {
	return send(` retrans="500"`, method+" sip:95165@[remote_ip]:[remote_port];user=phone SIP/2.0", via("1"),
		"Max-Forwards: 70", uacFrom, uacTo, "Call-ID: [call_id]", "CSeq: 1 "+method, content(method))
}

// cancelRequest and ackFailure repeat the branch and the Request-URI of the INVITE.
func (c call) cancelRequest() string {
	lines := []string{"CANCEL sip:95165@[remote_ip]:[remote_port];user=phone SIP/2.0", via("1"),
		"Max-Forwards: 70", uacFrom, uacTo, "Call-ID: [call_id]", "CSeq: 1 CANCEL"}
	if c.Reason != "" {
		lines = append(lines, "Reason: "+c.Reason)
	}
	return send(` retrans="500"`, append(lines, "Content-Length: 0\n")...)
}

func ackFailure() string {
	return send("", "ACK sip:95165@[remote_ip]:[remote_port];user=phone SIP/2.0", via("1"),
		"Max-Forwards: 70", uacFrom, uacTo+"[peer_tag_param]", "Call-ID: [call_id]", "CSeq: 1 ACK", "Content-Length: 0\n")
}

// The PBX's messages. An answer that cannot be made of the last request is made of variables taken from the INVITE.

const uasTag = ";tag=[pid]s[call_number]"

// recvInvite receives the INVITE and checks what the call expects in it. A check that fails ends the call as failed.
func (c call) recvInvite() string {
	var s strings.Builder
	s.WriteString(`<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="Via:" occurrence="1" assign_to="via1"/>
<ereg regexp=".*" search_in="hdr" header="Via:" occurrence="2" assign_to="via2"/>
<ereg regexp=".*" search_in="hdr" header="Via:" occurrence="3" assign_to="via3"/>
<ereg regexp=".*" search_in="hdr" header="Record-Route:" occurrence="1" assign_to="rr1"/>
<ereg regexp=".*" search_in="hdr" header="Record-Route:" occurrence="2" assign_to="rr2"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="called"/>
`)
	for _, e := range c.Expect {
		fmt.Fprintf(&s, `<ereg regexp="%s" search_in="hdr" header="%s:" check_it="true" assign_to="x"/>`+"\n", e.Pattern, e.Name)
	}
	for _, a := range c.Absent {
		fmt.Fprintf(&s, `<ereg regexp="%s" search_in="msg" check_it_inverse="true" assign_to="x"/>`+"\n", a)
	}
	return s.String() + "</action></recv>"
}

// references tells SIPp that variables which a scenario happens not to use are meant to be there.
func (c call) references() string {
	names := "via1,via2,via3,rr1,rr2,caller,called"
	if len(c.Expect)+len(c.Absent) > 0 {
		names += ",x"
	}
	return `<Reference variables="` + names + `"/>`
}

// answer answers the INVITE that opens the dialog, reply any later request. Status may end in "+SDP" or "+RLC", and "+100rel".
func (c call) answer(status string) string { return c.answerLines(status, "[last_To:]"+uasTag) }
func (c call) reply(status string) string  { return c.answerLines(status, "[last_To:]") }

func (c call) answerLines(status, to string) string {
	attr, body := "", "Content-Length: 0\n"
	status, reliable := strings.CutSuffix(status, "+100rel")
	status, withRLC := strings.CutSuffix(status, "+RLC")
	status, withSDP := strings.CutSuffix(status, "+SDP")
	if withSDP {
		body = content("INVITE")
	}
	if withRLC {
		body = contentOr("", "RLC")
	}
	if status[0] > '2' || withSDP && (reliable || status[0] == '2') {
		attr = ` retrans="500"` // until the ACK or the PRACK comes
	}
	if reliable {
		body = "Require: 100rel\nRSeq: 1\n" + body
	}
	return send(attr, "SIP/2.0 "+status, "[last_Via:]", "[last_Record-Route:]", "[last_From:]", to,
		"[last_Call-ID:]", "[last_CSeq:]", "Contact: <sip:agent@[local_ip]:[local_port]"+c.Contact+">", body)
}

// late answers the INVITE when something else, a CANCEL, has been received since. It is for calls through the edge: trunk,
// edge and sipid have left three Vias.
func late(status string) string {
	body := "Content-Length: 0\n"
	if status[0] == '2' {
		body = content("INVITE")
	}
	return send(` retrans="500"`, "SIP/2.0 "+status, "Via:[$via1]", "Via:[$via2]", "Via:[$via3]",
		"Record-Route:[$rr1]", "Record-Route:[$rr2]", "From:[$caller]", "To:[$called]"+uasTag,
		"[last_Call-ID:]", "CSeq: 1 INVITE", "Contact: <sip:agent@[local_ip]:[local_port]>", body)
}

// uasRequest is one of the PBX's requests within the dialog.
func uasRequest(method string, cseq int) string {
	branch, attr := fmt.Sprintf("u%d", cseq), ` retrans="500"`
	if method == "ACK" {
		branch, attr = branch+"a", ""
	}
	return send(attr, method+" [next_url] SIP/2.0", via(branch), "Max-Forwards: 70", "[routes]",
		"From:[$called]"+uasTag, "To:[$caller]", "Call-ID: [call_id]", fmt.Sprintf("CSeq: %d %s", cseq, method),
		"Contact: <sip:agent@[local_ip]:[local_port]>", content(method))
}
