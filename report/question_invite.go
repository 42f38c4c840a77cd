package report

import (
	"fmt"

	"sipid/isupbody"
	"sipid/sipi"
)

// minimalIAM is what a switch would send for these two numbers. Either may be
// empty.
func minimalIAM(called, calling string) ([]byte, error) {
	to, err := isupbody.NewNumber(called)
	if err != nil {
		return nil, fmt.Errorf("called number %q: %w", called, err)
	}
	iam := isupbody.NewIAM(to)
	if calling != "" {
		from, err := isupbody.NewNumber(calling)
		if err != nil {
			return nil, fmt.Errorf("calling number %q: %w", calling, err)
		}
		if err := iam.AddNumber(isupbody.ParamCallingPartyNumber, from); err != nil {
			return nil, err
		}
	}
	return iam.MarshalBinary()
}

// calledIn is the called number of an IAM, for the Request-URI; empty when it
// cannot be read, which the router will say.
func calledIn(isup []byte) string {
	m, err := isupbody.Decode(isup, isupbody.VariantITU)
	if err != nil {
		return ""
	}
	called, err := m.CalledPartyNumber()
	if err != nil {
		return ""
	}
	return called.Digits()
}

const minimalSDP = "v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"

// minimalInvite is a SIP-I INVITE with all that RFC 3261 asks for and nothing
// else. Its addresses are those kept for documentation: it is never sent.
func minimalInvite(isup []byte, called, calling string) ([]byte, error) {
	parts := []sipi.NewPart{
		{ContentType: "application/sdp", Content: []byte(minimalSDP)},
		{ContentType: "application/isup;version=itu-t92+", Disposition: "signal;handling=required", Content: isup},
	}
	boundary := sipi.Boundary(parts...)
	body, err := sipi.Append(nil, boundary, parts...)
	if err != nil {
		return nil, err
	}
	if called == "" {
		called = "explain"
	}
	if calling == "" {
		calling = "anonymous"
	}
	head := fmt.Sprintf("INVITE sip:%[1]s@192.0.2.2 SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKexplain\r\n"+
		"Max-Forwards: 70\r\n"+
		"From: <sip:%[2]s@192.0.2.1>;tag=explain\r\n"+
		"To: <sip:%[1]s@192.0.2.2>\r\n"+
		"Call-ID: explain@192.0.2.1\r\n"+
		"CSeq: 1 INVITE\r\n"+
		"Contact: <sip:192.0.2.1:5060>\r\n"+
		"MIME-Version: 1.0\r\n"+
		"Content-Type: %[3]s\r\n"+
		"Content-Length: %[4]d\r\n\r\n", called, calling, sipi.MediaType(boundary), len(body))
	return append([]byte(head), body...), nil
}
