package proxy_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
	"sipid/sipi"
)

// reply is an answer of the PBX with what the trunk must get with it.
type reply struct {
	status string
	tag    string   // of To; empty: "agent"
	lines  []string // further header lines
	sdp    string   // body, application/sdp
	want   string   // ISUP in hex; empty: none
}

func (r reply) text(request message) string {
	tag := r.tag
	if tag == "" {
		tag = "agent"
	}
	return withBody(request.answer(r.status, tag, r.lines...), "application/sdp", r.sdp)
}

// withBody gives a message without one a body.
func withBody(text, contentType, body string) string {
	if body == "" {
		return text
	}
	return strings.Replace(text, "Content-Length: 0\r\n\r\n",
		fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(body), body), 1)
}

// isupIn gives the ISUP of a message as it must be written: beside SDP in a
// multipart behind it, else alone; ours to refuse. The SDP must be the one given.
func isupIn(t *testing.T, m message, sdp string) string {
	t.Helper()
	if got := m.one(t, "Content-Length"); got != strconv.Itoa(len(m.body())) {
		t.Fatalf("Content-Length %s, the body has %d octets:\n%q", got, len(m.body()), m)
	}
	var contentType []byte
	if values := m.all("Content-Type"); len(values) > 0 {
		contentType = []byte(m.one(t, "Content-Type"))
	}
	var b sipi.Body
	if err := b.Split(sipi.Headers{ContentType: contentType}, []byte(m.body())); err != nil {
		t.Fatalf("%v in\n%q", err, m)
	}
	part := b.First(sipi.ISUP)
	if got := b.SDP(); (got != nil) != (sdp != "") || got != nil && string(got.Content) != sdp {
		t.Errorf("the SDP is not %q in\n%q", sdp, m)
	}
	if part == nil {
		return ""
	}
	disposition := string(part.Disposition)
	if !b.IsMultipart() {
		disposition = m.one(t, "Content-Disposition")
	} else {
		m.one(t, "MIME-Version")
		if b.Parts[0].Kind != sipi.SDP || len(b.Parts) != 2 || len(m.all("Content-Disposition")) != 0 {
			t.Errorf("SDP and then ISUP are wanted, in\n%q", m)
		}
	}
	if disposition != "signal;handling=optional" {
		t.Errorf("Content-Disposition %q in\n%q", disposition, m)
	}
	if want := "application/ISUP;version=itu-t92+;base=itu-t92+"; string(part.ContentType) != want {
		t.Errorf("Content-Type %q in\n%q", part.ContentType, m)
	}
	return hex.EncodeToString(part.Content)
}

// trunkIs changes the trunk of a rig.
func trunkIs(change func(*router.Trunk)) func(*proxy.Options, *router.Config) {
	return func(_ *proxy.Options, c *router.Config) { change(&c.Trunks[0]) }
}

var rfc3398 = trunkIs(func(t *router.Trunk) { t.CauseProfile = router.CauseRFC3398 })

// early is an SDP whose sender sends media already; held does not.
var early, held = strings.ReplaceAll(sdp, "10.1.0.7", "10.2.0.10"), strings.ReplaceAll(sdp, "10.1.0.7", "10.2.0.10") + "a=inactive\r\n"

// exchange sends an INVITE and checks what comes back with each answer.
func (r *rig) exchange(c call, replies []reply) {
	r.t.Helper()
	r.trunk.send(c.invite())
	if trying := r.trunk.get("SIP/2.0 100"); trying.body() != "" {
		r.t.Errorf("100 with a body:\n%q", trying)
	}
	invite := r.pbx.get("INVITE")
	var last message
	for i, p := range replies {
		r.pbx.send(p.text(invite))
		if p.status[0] > '2' {
			r.pbx.get("ACK")
		}
		last = r.trunk.get("SIP/2.0 " + p.status[:3])
		if got := isupIn(r.t, last, p.sdp); got != p.want {
			r.t.Errorf("answer %d, %s: ISUP %s, want %s", i, p.status, got, p.want)
		}
		if len(last.all("RSeq"))+len(last.all("Require")) != strings.Count(strings.Join(p.lines, "\n"), "RSeq: ")+
			strings.Count(strings.Join(p.lines, "\n"), "Require: ") {
			r.t.Errorf("RSeq or Require changed in\n%s", last)
		}
	}
	if last.one(r.t, "CSeq") == "1 INVITE" && !strings.HasPrefix(string(last), "SIP/2.0 2") {
		r.trunk.send(c.ackRefusal(last))
	}
}

// TestISUPReplies has a call for each row of the map, in both profiles.
func TestISUPReplies(t *testing.T) {
	reliable := []string{"Require: 100rel", "RSeq: 7"}
	for name, c := range map[string]struct {
		change  func(*proxy.Options, *router.Config)
		replies []reply
	}{
		"ACM, ANM":             {nil, []reply{{status: "180 Ringing", want: "06040100"}, {status: "200 OK", sdp: early, want: "09011102000100"}}},
		"ACM, ANM by RFC 3398": {rfc3398, []reply{{status: "180 Ringing", want: "06160400"}, {status: "200 OK", sdp: early, want: "0900"}}},
		"CON":                  {nil, []reply{{status: "200 OK", sdp: early, want: "07000100"}}},
		"CON by RFC 3398":      {rfc3398, []reply{{status: "200 OK", want: "07160400"}}},
		"ACM, CPG alerting": {nil, []reply{
			{status: "183 Session Progress", want: "06000100"}, {status: "180 Ringing", want: "2c01011102040100"},
			{status: "180 Ringing", want: "2c01011102040100"}, {status: "200 OK", want: "09011102000100"}}},
		"early media": {rfc3398, []reply{
			{status: "183 Session Progress", sdp: early, want: "0612040129010100"}, {status: "183 Session Progress", sdp: early, want: "2c020129010100"},
			{status: "183 Session Progress", want: "2c0200"}, {status: "180 Ringing", sdp: early, want: "2c0100"}, {status: "200 OK", want: "0900"}}},
		"media held":           {rfc3398, []reply{{status: "183 Session Progress", sdp: held, want: "06120400"}, {status: "486 Busy Here", want: "0c0200028a91"}}},
		"no SDP, 180 with SDP": {rfc3398, []reply{{status: "180 Ringing", sdp: early, want: "06160400"}, {status: "200 OK", want: "0900"}}},
		"forwarded": {rfc3398, []reply{
			{status: "181 Call Is Being Forwarded", want: "06120400"}, {status: "181 Call Is Being Forwarded", want: "2c0600"},
			{status: "182 Queued", want: "2c0200"}, {status: "181 Call Is Being Forwarded", sdp: early, want: "2c060129010100"}, {status: "200 OK", want: "0900"}}},
		"queued": {rfc3398, []reply{{status: "182 Queued", sdp: early, want: "0612040129010100"}, {status: "200 OK", want: "0900"}}},
		"199":    {rfc3398, []reply{{status: "199 Early Dialog Terminated"}, {status: "200 OK", want: "07160400"}}},
		"forks": {rfc3398, []reply{{status: "180 Ringing", tag: "a", want: "06160400"}, {status: "180 Ringing", tag: "b", want: "06160400"},
			{status: "180 Ringing", tag: "a", want: "2c0100"}, {status: "180 Ringing", tag: "b", want: "2c0100"}, {status: "200 OK", tag: "c", want: "0900"}}},
		"reliable": {rfc3398, []reply{
			{status: "183 Session Progress", lines: reliable, sdp: early, want: "0612040129010100"},
			{status: "183 Session Progress", lines: reliable, sdp: early, want: "0612040129010100"},
			{status: "180 Ringing", lines: []string{"Require: 100rel", "RSeq: 8"}, want: "2c0100"},
			{status: "180 Ringing", lines: []string{"Require: 100rel", "RSeq: 8"}, want: "2c0100"}, {status: "200 OK", want: "0900"}}},
		"busy":                        {nil, []reply{{status: "180 Ringing", want: "06040100"}, {status: "486 Busy Here", want: "0c0200028a91"}}},
		"reject":                      {nil, []reply{{status: "603 Decline", want: "0c0200028a95"}}},
		"reject by RFC 3398":          {rfc3398, []reply{{status: "603 Decline", want: "0c0200028095"}}},
		"no answer":                   {nil, []reply{{status: "480 Temporarily Unavailable", want: "0c0200028a94"}}},
		"no answer by RFC 3398":       {rfc3398, []reply{{status: "480 Temporarily Unavailable", want: "0c0200028a92"}}},
		"moved":                       {nil, []reply{{status: "302 Moved Temporarily", lines: []string{"Contact: <sip:a@b>"}, want: "0c0200028aff"}}},
		"not acceptable":              {rfc3398, []reply{{status: "488 Not Acceptable Here", want: "0c0200028a9f"}}},
		"no such codec":               {rfc3398, []reply{{status: "488 Not Acceptable Here", lines: []string{`Warning: 304 pbx "Media type not available"`}, want: "0c0200028ac1"}}},
		"other warning":               {rfc3398, []reply{{status: "606 Not Acceptable", lines: []string{`Warning: 399 pbx "x"`}, want: "0c020002809f"}}},
		"pending":                     {nil, []reply{{status: "491 Request Pending"}}},
		"gave up by itself":           {nil, []reply{{status: "487 Request Terminated", want: "0c0200028aff"}}},
		"gave up by itself, RFC 3398": {rfc3398, []reply{{status: "487 Request Terminated", want: "0c0200028a9f"}}},
		"own cause":                   {nil, []reply{{status: "480 Temporarily Unavailable", lines: []string{`Reason: SIP;cause=480, Q.850;cause=19;text="x"`}, want: "0c0200028a93"}}},
		"own cause and location":      {rfc3398, []reply{{status: "603 Decline", lines: []string{"Reason: SIP;cause=603", "Reason: Q.850;cause=34;location=RLN"}, want: "0c02000284a2"}}},
		"refused with a body":         {nil, []reply{{status: "488 Not Acceptable Here", sdp: early, want: "0c0200028aff"}}},
		"override": {trunkIs(func(t *router.Trunk) { t.Causes = map[int]uint8{480: 19} }),
			[]reply{{status: "480 Temporarily Unavailable", want: "0c0200028a93"}}},
		"location": {trunkIs(func(t *router.Trunk) { t.ISUP.Location = "LN" }), []reply{{status: "600 Busy Everywhere", want: "0c0200028291"}}},
		"indicators": {trunkIs(func(t *router.Trunk) {
			t.ISUP = router.ISUP{Charge: "no-charge", Category: "payphone", Interworking: "no", ISUPAllTheWay: "yes", ISDNAccess: "yes"}
		}), []reply{{status: "180 Ringing", want: "06251400"}, {status: "200 OK", want: "09011102211400"}}},
		"indicators of RFC 3398": {trunkIs(func(t *router.Trunk) {
			t.CauseProfile = "rfc3398"
			t.ISUP = router.ISUP{Charge: "none", Category: "none", Interworking: "yes", ISUPAllTheWay: "no", ISDNAccess: "no"}
		}), []reply{{status: "183 Session Progress", want: "06000100"}, {status: "200 OK", want: "0900"}}},
		"charge": {trunkIs(func(t *router.Trunk) { t.ISUP.Charge, t.ISUP.Category = "charge", "ordinary" }), []reply{{status: "200 OK", want: "07120100"}}},
		"never": {trunkIs(func(t *router.Trunk) { t.ISUPReplies = router.ISUPNever }),
			[]reply{{status: "180 Ringing"}, {status: "183 Session Progress", sdp: early}, {status: "486 Busy Here"}}},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, c.change, func(r *rig) { r.exchange(call{id: "i", branch: "z9hG4bKi"}, c.replies) })
		})
	}
}

// TestISUPOfTrunkWithout: RFC 3398 section 7.2.4, and what "always" makes of it.
func TestISUPOfTrunkWithout(t *testing.T) {
	plain := func(r *rig, want180, want200 string) {
		c := call{id: "p", branch: "z9hG4bKp"}
		text := withBody(strings.Replace(c.bare(), "Content-Length: 0", "X-Padding: 1\r\nContent-Length: 0", 1), "application/sdp", sdp)
		r.trunk.send(text)
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		for _, p := range []reply{{status: "180 Ringing", want: want180}, {status: "200 OK", sdp: early, want: want200}} {
			r.pbx.send(p.text(invite))
			if got := isupIn(r.t, r.trunk.get("SIP/2.0 "+p.status), p.sdp); got != p.want {
				r.t.Errorf("%s: ISUP %s, want %s", p.status, got, p.want)
			}
		}
	}
	t.Run("auto", func(t *testing.T) { run(t, nil, func(r *rig) { plain(r, "", "") }) })
	t.Run("always", func(t *testing.T) {
		run(t, trunkIs(func(t *router.Trunk) { t.ISUPReplies = router.ISUPAlways }), func(r *rig) { plain(r, "06040100", "09011102000100") })
	})
}

// bare is the INVITE without a body.
func (c call) bare() string {
	head := message(c.invite()).head()
	var lines []string
	for _, l := range strings.Split(head, "\r\n") {
		if !strings.HasPrefix(l, "MIME-Version") && !strings.HasPrefix(l, "Content-") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}
