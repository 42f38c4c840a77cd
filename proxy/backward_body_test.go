package proxy_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/router"
)

// refuse sends a refusal of the PBX, as it stands but for %s, and gives what the
// trunk gets.
func (r *rig) refusedWith(rest string) (message, string) {
	r.t.Helper()
	c := call{id: "b", branch: "z9hG4bKb"}
	r.trunk.send(c.invite())
	r.trunk.get("SIP/2.0 100")
	invite := r.pbx.get("INVITE")
	r.pbx.send(strings.Replace(invite.answer("603 Decline", "agent"), "Content-Length: 0\r\n\r\n", rest, 1))
	r.pbx.get("ACK")
	got := r.trunk.get("SIP/2.0 603")
	r.trunk.send(c.ackRefusal(got))
	branch := invite.all("Via")[0]
	return got, strings.TrimPrefix(branch[strings.Index(branch, "branch="):], "branch=z9hG4bK")
}

const (
	rel603  = "\x0c\x02\x00\x02\x8a\x95"
	relPart = "Content-Type: application/ISUP;version=itu-t92+;base=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n" + rel603 + "\r\n"
)

// length is a body with the header lines before it.
func length(lines, body string) string {
	return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", lines, len(body), body)
}

// TestBodiesOfPBX: how ISUP gets into what the PBX sends, octet by octet. "@" in
// what is wanted is the boundary, from our branch.
func TestBodiesOfPBX(t *testing.T) {
	const alone = "Content-Type: application/ISUP;version=itu-t92+;base=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n" + rel603
	const mixed = "--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n"
	const front = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary=@\r\n\r\n--@\r\n"
	const back = "\r\n--@\r\n" + relPart + "--@--\r\n"
	for name, c := range map[string]struct {
		rest, want string // behind Content-Length in the head, with the body
	}{
		"no body":                {"Content-Length: 0\r\n\r\n", alone},
		"no Content-Length":      {"X-Any: 1\r\n\r\n", "X-Any: 1\r\n" + alone},
		"type without body":      {length("Content-Type: application/sdp\r\nMIME-Version: 1.0\r\n", ""), alone},
		"SDP":                    {length("Content-Type: application/sdp\r\n", sdp), front + "Content-Type: application/sdp\r\n\r\n" + sdp + back},
		"compact names":          {length("c: application/sdp\r\ne: gzip\r\n", "\x1f\x8b\x00"), front + "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x00" + back},
		"unknown type":           {length("Content-Type: text/html;\r\n charset=utf-8\r\nContent-Language: en\r\n", "<p>"), front + "Content-Type: text/html;\r\n charset=utf-8\r\nContent-Language: en\r\n\r\n<p>" + back},
		"own disposition":        {length("Content-Disposition: session;handling=required\r\nContent-Type: application/sdp\r\nContent-ID: <ab>\r\n", sdp), front + "Content-Disposition: session;handling=required\r\nContent-Type: application/sdp\r\nContent-ID: <ab>\r\n\r\n" + sdp + back},
		"old MIME-Version":       {length("MIME-Version: 1.0\r\nContent-Type: application/sdp\r\n", sdp), front + "Content-Type: application/sdp\r\n\r\n" + sdp + back},
		"multipart":              {length("MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary=b1\r\n", mixed+"--b1--\r\n"), "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary=b1\r\n\r\n" + mixed + "--b1\r\n" + relPart + "--b1--\r\n"},
		"multipart with ISUP":    {length("Content-Type: multipart/mixed;boundary=b1\r\n", multipartOf("", "\x0c\x02\x00\x02\x82\x91")), "Content-Type: multipart/mixed;boundary=b1\r\n\r\n" + multipartOf("", "\x0c\x02\x00\x02\x82\x91")},
		"ISUP":                   {length("Content-Type: application/isup\r\n", "\x0c\x02\x00\x02\x82\x91"), "Content-Type: application/isup\r\n\r\n\x0c\x02\x00\x02\x82\x91"},
		"multipart/alternative":  {length("Content-Type: multipart/alternative;boundary=b1\r\n", mixed+"--b1--\r\n"), "Content-Type: multipart/alternative;boundary=b1\r\n\r\n" + mixed + "--b1--\r\n"},
		"multipart without end":  {length("Content-Type: multipart/mixed;boundary=b1\r\n", mixed), "Content-Type: multipart/mixed;boundary=b1\r\n\r\n" + mixed},
		"multipart that is none": {length("Content-Type: multipart/mixed;boundary=b1\r\n", "v=0\r\n"), "Content-Type: multipart/mixed;boundary=b1\r\n\r\nv=0\r\n"},
		"no boundary":            {length("Content-Type: multipart/mixed\r\n", mixed), "Content-Type: multipart/mixed\r\n\r\n" + mixed},
		"no type":                {length("", "v=0\r\n"), "\r\nv=0\r\n"},
		"no readable type":       {length("Content-Type: sdp\r\n", "v=0\r\n"), "Content-Type: sdp\r\n\r\nv=0\r\n"},
		"trusted header":         {length("X-Serial: 1\r\nContent-Type: application/sdp\r\n", sdp), front + "Content-Type: application/sdp\r\n\r\n" + sdp + back},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, nil, func(r *rig) {
				got, boundary := r.refusedWith(c.rest)
				if n := got.one(t, "Content-Length"); n != strconv.Itoa(len(got.body())) {
					t.Errorf("Content-Length %s of %d octets", n, len(got.body()))
				}
				_, rest, _ := strings.Cut(string(got), "CSeq: 1 INVITE\r\n")
				for line := range strings.Lines(got.head()) {
					if strings.HasPrefix(line, "Content-Length") {
						rest = strings.Replace(rest, strings.TrimSpace(line)+"\r\n", "", 1)
					}
				}
				if want := strings.ReplaceAll(c.want, "@", boundary); rest != want {
					t.Errorf("got\n%q\nwant\n%q", rest, want)
				}
			})
		})
	}
}

// TestBoundaryInBody: a PBX has read our branch, and can put it into its body.
func TestBoundaryInBody(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "b", branch: "z9hG4bKb"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		_, boundary, _ := strings.Cut(invite.all("Via")[0], "branch=z9hG4bK")
		body := sdp + "a=x:" + boundary + "0\r\n\r\n--" + boundary + "\r\n"
		for range 2 {
			r.pbx.send(withBody(invite.answer("200 OK", "agent"), "application/sdp", body))
			got := r.trunk.get("SIP/2.0 200")
			if isup := isupIn(t, got, body); isup != "07000100" {
				t.Errorf("ISUP %s", isup)
			}
			if want := "multipart/mixed;boundary=" + boundary + "01"; got.one(t, "Content-Type") != want {
				t.Errorf("Content-Type %s, want %s", got.one(t, "Content-Type"), want)
			}
		}
	})
}

// TestAnswerAgain: a 200 that the PBX repeats is the same octets each time.
func TestAnswerAgain(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "a", branch: "z9hG4bKa"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.pbx.send(invite.answer("180 Ringing", "agent"))
		ringing := r.trunk.get("SIP/2.0 180")
		r.trunk.send(c.invite())
		if again := r.trunk.get("SIP/2.0 180"); again != ringing {
			t.Errorf("again:\n%q\nfirst:\n%q", again, ringing)
		}
		ok := withBody(invite.answer("200 OK", "agent"), "application/sdp", sdp)
		r.pbx.send(ok)
		first := r.trunk.get("SIP/2.0 200")
		for range 3 {
			time.Sleep(time.Second)
			r.pbx.send(ok)
			if again := r.trunk.get("SIP/2.0 200"); again != first {
				t.Errorf("again:\n%q\nfirst:\n%q", again, first)
			}
		}
	})
}

// TestBaseOfTrunk: parts are labelled in the base the INVITE came in, or by the
// trunk's configuration, and another process knows it from the route.
func TestBaseOfTrunk(t *testing.T) {
	for name, c := range map[string]struct {
		label  string // of the INVITE's part
		isup   router.ISUP
		want   string // of ours
		answer string
	}{
		"as it came":             {"application/ISUP;version=nxv3;base=ETSI121", router.ISUP{}, "version=etsi121;base=etsi121", "07000100"},
		"version alone":          {"application/isup; version=itu-t88", router.ISUP{}, "version=itu-t88;base=itu-t88", "07000100"},
		"nothing":                {"application/isup", router.ISUP{}, "version=itu-t92+;base=itu-t92+", "07000100"},
		"unknown":                {"application/isup;version=spirou", router.ISUP{Base: "etsi356"}, "version=etsi356;base=etsi356", "07000100"},
		"agreed":                 {"application/isup;version=spirou", router.ISUP{Base: "etsi356", Version: "spirou"}, "version=spirou;base=etsi356", "07000100"},
		"ANSI, which has no CON": {"application/ISUP;version=ansi00", router.ISUP{}, "version=ansi00;base=ansi00", "09011102000100"},
		"ANSI by another name":   {"application/ISUP;version=ansi-2000", router.ISUP{}, "version=ansi00;base=ansi00", "09011102000100"},
		"base before version":    {"application/ISUP;version=itu-t92+;base=GR-317", router.ISUP{}, "version=ansi00;base=ansi00", "09011102000100"},
		"the trunk's, ANSI":      {"application/ISUP;version=X-ours", router.ISUP{Base: "gr317"}, "version=gr317;base=gr317", "09011102000100"},
		"ITU-T of an ANSI trunk": {"application/ISUP;version=itu", router.ISUP{Base: "gr317"}, "version=itu-t92+;base=itu-t92+", "07000100"},
	} {
		t.Run(name, func(t *testing.T) {
			change := trunkIs(func(t *router.Trunk) { t.ISUP = c.isup })
			synctest.Test(t, func(t *testing.T) {
				wire := newWire()
				r := start(t, wire, change)
				k := call{id: "v", branch: "z9hG4bKv"}
				r.trunk.send(relabel(k.invite(), c.label))
				r.trunk.get("SIP/2.0 100")
				invite := r.pbx.get("INVITE")
				r.pbx.send(invite.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.10:5060>"))
				ok := r.trunk.get("SIP/2.0 200")
				check := func(m message, want string) {
					t.Helper()
					if got := m.one(t, "Content-Type"); got != "application/ISUP;"+c.want {
						t.Errorf("Content-Type %s, want %s", got, c.want)
					}
					if got := hex.EncodeToString([]byte(m.body())); got != want {
						t.Errorf("ISUP %s, want %s", got, want)
					}
				}
				check(ok, c.answer)
				r.stop()
				r = start(t, wire, change)
				defer r.stop()
				r.trunk.send(k.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
				r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
				check(r.trunk.get("SIP/2.0 200"), "1000")
				r.pbx.send(k.fromPBX("BYE", "z9hG4bKbye2", invite))
				bye := r.trunk.get("BYE")
				check(bye, "0c0200028a90")
				r.trunk.send(bye.answer("200 OK", ""))
				r.pbx.get("SIP/2.0 200")
				time.Sleep(40 * time.Second)
			})
		})
	}
}

// relabel gives the ISUP part of an INVITE another Content-Type.
func relabel(text, label string) string {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	old := len(body)
	body = strings.Replace(body, "application/isup;version=itu-t92+", label, 1)
	return strings.Replace(head, fmt.Sprintf("Content-Length: %d", old), fmt.Sprintf("Content-Length: %d", len(body)), 1) + "\r\n\r\n" + body
}

// TestACMOfPBX: a PBX that speaks ISUP in its 180 and not in its 200 has sent the
// ACM: a CON after it would begin the call again.
func TestACMOfPBX(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "o", branch: "z9hG4bKo"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.pbx.send(withBody(invite.answer("180 Ringing", "agent"), "application/isup", "\x06\x04\x01\x00"))
		if got := r.trunk.get("SIP/2.0 180"); got.body() != "\x06\x04\x01\x00" {
			t.Errorf("the trunk got\n%q", got)
		}
		r.pbx.send(reply{status: "183 Session Progress"}.text(invite))
		if got := isupIn(t, r.trunk.get("SIP/2.0 183"), ""); got != "2c02011102000100" {
			t.Errorf("ISUP %s, want a CPG", got)
		}
		r.pbx.send(reply{status: "200 OK", sdp: early}.text(invite))
		if got := isupIn(t, r.trunk.get("SIP/2.0 200"), early); got != "09011102000100" {
			t.Errorf("ISUP %s, want ANM", got)
		}
	})
}

// TestFullDatagram: an answer that fills a datagram leaves as it came, rather
// than not at all.
func TestFullDatagram(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "o", branch: "z9hG4bKo"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		body := strings.Repeat("x", 64900)
		r.pbx.send(withBody(invite.answer("488 Not Acceptable Here", "agent"), "text/plain", body))
		r.pbx.get("ACK")
		got := r.trunk.get("SIP/2.0 488")
		if got.body() != body || len(got) > 65507 {
			t.Errorf("%d octets", len(got))
		}
		r.trunk.send(c.ackRefusal(got))
	})
}
