package e2e_test

import (
	"bytes"
	"testing"
	"time"
)

// forged are trusted headers of the trunk's own; none of their values may reach the PBX.
var forged = []string{"X-Access-ID: 6666", "x_serial: 66666666", "X-CLIENT-NAME: evil", "X-Client-Endpoint : sip:evil.example",
	"X-Identify-Status: evil", "x-identify-source: evil", "X-Calling-Number: 6666", "X-Edge-Source: 127.0.0.12:6666"}

// unwrapped is what must be gone from an INVITE whose body was SIP-I.
var unwrapped = []string{"application/isup", "multipart", boundary, "MIME-Version", "handling=", "6666", "evil", "[Xx][-_][Ee]dge"}

func resolved(c client, name, serial string) []expect {
	return []expect{
		exactly("X-Access-ID", c.id), exactly("X-Serial", serial), exactly("X-Client-Name", name), exactly("X-Client-Endpoint", c.endpoint),
		exactly("X-Identify-Status", "resolved"), exactly("X-Identify-Source", "isup-original-called"), exactly("Content-Type", "application/sdp"),
	}
}

// The main job, with nothing simulated: SIPp, Kamailio, sipid, SIPp, and tshark's own idea of the original called number.
func TestIdentifyThroughTheEdge(t *testing.T) {
	need(t, "kamailio", "sipp", "tshark", "dumpcap")
	t.Parallel()
	quzhou := client{id: "20", name: "衢州 switchboard, 100% \"ours\"", endpoint: "sip:b.example:5070", digits: 7}
	one := client{id: "9", name: "one digit", endpoint: "https://c.example/x?y=1", digits: 10}
	r := newRig(t, options{}, hangzhou, quzhou, one)
	for _, tc := range []struct {
		client
		shown, serial string
	}{
		{hangzhou, hangzhou.name, "00000042"}, // zero octets in the IAM
		{hangzhou, hangzhou.name, "00000000"},
		{hangzhou, hangzhou.name, "52992312"},
		{quzhou, `衢州 switchboard, 100%25 "ours"`, "0000001"}, // an odd number of digits
		{one, one.name, "0000000000"},
	} {
		t.Run(tc.id+" "+tc.serial, func(t *testing.T) {
			c := call{IAM: iam(tc.id + tc.serial), Headers: forged, Expect: resolved(tc.client, tc.shown, tc.serial), Absent: unwrapped}
			list := r.call(t, c, "pbx-answer.xml", "trunk-call.xml")
			in, out := single(t, sent(list, r.edge, r.node, "INVITE")), single(t, sent(list, r.node, r.pbx, "INVITE"))
			if in.malformed {
				t.Error("tshark calls the INVITE malformed")
			}
			id, serial := out.header("X-Access-ID"), out.header("X-Serial")
			if len(id) != 1 || len(serial) != 1 || in.ocn != id[0]+serial[0] || in.ocn == "" {
				t.Errorf("tshark reads original called number %q, sipid sends %q and %q", in.ocn, id, serial)
			}
			if want := sdpOf(t, in); !bytes.Equal(out.body(), want) {
				t.Errorf("the SDP changed:\n%q\nwant\n%q", out.body(), want)
			}
		})
	}
}

// call places one call, has it captured, and returns all that was on the wire.
func (r *rig) call(t *testing.T, c call, pbxScenario, trunkScenario string) []packet {
	t.Helper()
	return r.callWithin(t, 15*time.Second, c, pbxScenario, trunkScenario)
}

// callWithin is call for one that takes its time.
func (r *rig) callWithin(t *testing.T, d time.Duration, c call, pbxScenario, trunkScenario string) []packet {
	t.Helper()
	trunk := at(t, trunkIP)
	capture := startCapture(t, r.edge, r.node, r.pbx, trunk)
	pbx := startSIPp(t, pbxScenario, c, r.pbx, noAddr)
	both(t, d, pbx, startSIPp(t, trunkScenario, c, trunk, r.edge))
	return capture.packets(t)
}

// sdpOf cuts the SDP part out of a multipart body: between the first empty line and the line end before the next boundary.
func sdpOf(t *testing.T, p packet) []byte {
	t.Helper()
	_, part, ok := bytes.Cut(p.body(), []byte("\r\n\r\n"))
	content, _, found := bytes.Cut(part, []byte("\r\n--"+boundary))
	if !ok || !found {
		t.Fatalf("no SDP part in %q", p.body())
	}
	return content
}

// With body: keep the PBX gets the octets that the trunk sent, the nasty ones included.
func TestKeepBody(t *testing.T) {
	need(t, "kamailio", "sipp", "tshark", "dumpcap")
	t.Parallel()
	r := newRig(t, options{body: "keep"})
	nasty := append([]byte{0x20, 12, 0x0D, 0x0A, 0x2D, 0x2D, 0x00, 0xFF, 0x0A, 0x0D}, "sipi"...) // user-to-user information
	c := call{IAM: iam("100100000042", nasty...), Headers: forged, Expect: resolved(hangzhou, hangzhou.name, "00000042"),
		Absent: []string{"6666", "evil"}}
	c.Expect[len(c.Expect)-1] = exactly("Content-Type", "multipart/mixed;boundary="+boundary)
	list := r.call(t, c, "pbx-answer.xml", "trunk-call.xml")
	first := single(t, sent(list, addr(trunkIP), r.edge, "INVITE"))
	out := single(t, sent(list, r.node, r.pbx, "INVITE"))
	if !bytes.Contains(first.body(), nasty) {
		t.Fatal("SIPp did not send what this test is about")
	}
	if !bytes.Equal(first.body(), out.body()) {
		t.Errorf("the body changed:\n%q\nwant\n%q", out.body(), first.body())
	}
	if got := out.header("MIME-Version"); len(got) != 1 {
		t.Errorf("MIME-Version is %q", got)
	}
}

// A call that is not identified still rings, and the PBX is told why.
func TestUnidentifiedCallsGoThrough(t *testing.T) {
	need(t, "kamailio", "sipp", "tshark", "dumpcap")
	t.Parallel()
	r := newRig(t, options{})
	for _, tc := range []struct {
		status string
		iam    []byte
	}{
		{"unknown-access-id", iam("777700000042")},
		{"bad-serial", iam("10010000004")},
		{"no-identity", nil},
		{"malformed-isup", iam("100100000042")[:11]},
	} {
		t.Run(tc.status, func(t *testing.T) {
			c := call{IAM: tc.iam, Headers: forged, Expect: []expect{exactly("X-Identify-Status", tc.status), exactly("Content-Type", "application/sdp")},
				Absent: append([]string{"X-Access-ID", "X-Serial", "X-Client", "X-Identify-Source"}, unwrapped...)}
			r.call(t, c, "pbx-answer.xml", "trunk-call.xml")
		})
	}
}
