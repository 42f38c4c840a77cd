package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// addr stands for any port of an address, see sent.
func addr(ip netip.Addr) netip.AddrPort { return netip.AddrPortFrom(ip, 0) }

func single(t *testing.T, list []packet) packet {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%d packets, want 1", len(list))
	}
	return list[0]
}

var plainCall = call{IAM: iam("100100000042"), Talk: 50, Ring: 50}

// hops counts a request or a response on each hop of the way, trunk side first.
func (r *rig) hops(list []packet, what string, down bool) [3]int {
	ways := [3][2]netip.AddrPort{{addr(trunkIP), r.edge}, {r.edge, r.node}, {r.node, r.pbx}}
	var n [3]int
	for i, w := range ways {
		if !down {
			w[0], w[1] = w[1], w[0]
		}
		n[i] = len(sent(list, w[0], w[1], what))
	}
	return n
}

// Every way a call may go, through the edge, with the number of messages on each hop.
func TestCallFlows(t *testing.T) {
	need(t, "kamailio", "sipp", "tshark", "dumpcap")
	once := [3]int{1, 1, 1}
	type count struct {
		what string
		down bool
		want [3]int
	}
	const down, up = true, false
	for _, tc := range []struct {
		name, pbx, trunk string
		status, method   string
		counts           []count
	}{
		{name: "TrunkHangsUp", pbx: "pbx-answer.xml", trunk: "trunk-call.xml",
			counts: []count{{"INVITE", down, once}, {"180 INVITE", up, once}, {"200 INVITE", up, once}, {"ACK", down, once}, {"BYE", down, once}, {"200 BYE", up, once}}},
		{name: "PBXHangsUp", pbx: "pbx-hangs-up.xml", trunk: "trunk-is-hung-up.xml",
			counts: []count{{"ACK", down, once}, {"BYE", up, once}, {"200 BYE", down, once}}},
		{name: "CancelAfterRinging", pbx: "pbx-cancelled.xml", trunk: "trunk-cancels.xml",
			counts: []count{{"CANCEL", down, once}, {"200 CANCEL", up, once}, {"487 INVITE", up, once}, {"ACK", down, once}}},
		{name: "CancelBeforeRinging", pbx: "pbx-cancelled-early.xml", trunk: "trunk-cancels-early.xml",
			counts: []count{{"CANCEL", down, once}, {"200 CANCEL", up, once}, {"487 INVITE", up, once}, {"ACK", down, once}}},
		{name: "CancelCrossesAnswer", pbx: "pbx-answers-cancelled.xml", trunk: "trunk-cancels-too-late.xml",
			counts: []count{{"CANCEL", down, once}, {"200 CANCEL", up, once}, {"200 INVITE", up, once}, {"ACK", down, once}, {"487 INVITE", up, [3]int{}}}},
		{name: "Busy", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "486 Busy Here",
			counts: []count{{"486 INVITE", up, once}, {"ACK", down, once}}},
		{name: "NoAnswer480", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "480 Temporarily Unavailable",
			counts: []count{{"480 INVITE", up, once}, {"ACK", down, once}}},
		{name: "NoAnswer408", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "408 Request Timeout",
			counts: []count{{"408 INVITE", up, once}, {"ACK", down, once}}},
		{name: "Declined603", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "603 Decline",
			counts: []count{{"603 INVITE", up, once}, {"ACK", down, once}}},
		{name: "WithinTheDialog", pbx: "pbx-dialog.xml", trunk: "trunk-dialog.xml",
			counts: []count{{"INFO", down, once}, {"INFO", up, once}, {"UPDATE", down, once}, {"UPDATE", up, once}, {"MESSAGE", down, once},
				{"OPTIONS", down, [3]int{1, 1, 1}}, {"INVITE", down, [3]int{2, 2, 2}}, {"INVITE", up, once}, {"BYE", down, once}}},
		{name: "WithinTheEarlyDialog", pbx: "pbx-early.xml", trunk: "trunk-early.xml",
			counts: []count{{"183 INVITE", up, once}, {"PRACK", down, once}, {"UPDATE", down, once}, {"200 INVITE", up, once}, {"ACK", down, once}}},
		{name: "MessageOutsideOfADialog", pbx: "pbx-message.xml", trunk: "trunk-message.xml", method: "MESSAGE", counts: []count{{"MESSAGE", down, once}}},
		{name: "OptionsOutsideOfADialog", pbx: "pbx-message.xml", trunk: "trunk-message.xml", method: "OPTIONS", counts: []count{{"200 OPTIONS", up, once}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, options{})
			c := plainCall
			c.Status, c.Method = tc.status, tc.method
			list := withoutProbes(r.call(t, c, tc.pbx, tc.trunk))
			for _, n := range tc.counts {
				if got := r.hops(list, n.what, n.down); got != n.want {
					t.Errorf("%s (down: %v) on the hops: %v, want %v", n.what, n.down, got, n.want)
				}
			}
			if t.Failed() {
				logFlow(t, list)
			}
		})
	}
}

// withoutProbes leaves out the OPTIONS with which the edge asks whether sipid lives.
func withoutProbes(list []packet) []packet {
	probe := regexp.MustCompile(`(?m)^From:.*sip:edge@edge\.invalid`)
	var rest []packet
	for _, p := range list {
		if !probe.Match(p.payload) {
			rest = append(rest, p)
		}
	}
	return rest
}

func logFlow(t *testing.T, list []packet) {
	t.Helper()
	for _, p := range list {
		t.Logf("%s > %s  %s%s %s", p.src, p.dst, p.method, p.status, p.cseq)
	}
}

// The 200 of the INVITE leaves the PBX before the CANCEL gets there. The caller gets both 200s, one ACK passes, and
// after 64*T1 sipid holds nothing of the call.
func TestCancelCrossesAnswerOnTheWire(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	invite := inviteTo(r.node, trunk.addr(), "cross")
	trunk.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	contact := fmt.Sprintf("Contact: <sip:agent@%s>", pbx.addr())
	pbx.send(r.node, m.answer("180 Ringing", "p", contact))
	trunk.receive(2*time.Second, "SIP/2.0 180")

	trunk.send(r.node, method(invite, "CANCEL"))
	pbx.send(r.node, m.answer("200 OK", "p", contact))
	got := map[string]message{}
	for range 2 {
		m := trunk.receive(2*time.Second, "SIP/2.0 200")
		got[m.lines("CSeq")[0]] = m
	}
	ok, both := got["CSeq: 1 INVITE"], len(got) == 2
	if !both {
		t.Fatalf("the caller got %v", got)
	}
	trunk.send(r.node, ackTo(ok, trunk.addr()))
	cancel, ack := pbx.receive(2*time.Second, ""), message{}
	if cancel.first()[:3] == "ACK" { // CANCEL is only sent when the 200 had not come yet
		ack = cancel
	} else {
		pbx.send(r.node, cancel.answer("200 OK", "p"))
		ack = pbx.receive(2*time.Second, "ACK ")
	}
	if n := len(ack.lines("Via")); n != 2 {
		t.Errorf("the ACK at the PBX has %d Vias, want 2", n)
	}
	if m, more := pbx.tryReceive(300 * time.Millisecond); more {
		t.Errorf("the PBX got one more: %q", m.first())
	}
	if m, more := trunk.tryReceive(300 * time.Millisecond); more {
		t.Errorf("the caller got one more: %q", m.first())
	}
	eventually(t, 45*time.Second, "sipid holds no transaction", func() bool { return r.metric("sipid_transactions") == 0 })
}

// method makes another request of the INVITE's transaction.
func method(invite, name string) string {
	return regexp.MustCompile(`(?m)^INVITE |CSeq: 1 INVITE`).ReplaceAllStringFunc(invite, func(s string) string {
		return regexp.MustCompile(`INVITE`).ReplaceAllString(s, name)
	})
}

// ackTo is the ACK for a 200, along its Record-Route.
func ackTo(ok message, from netip.AddrPort) string {
	lines := []string{"ACK " + between(ok.lines("Contact")[0]) + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK-ack%d", from, time.Now().UnixNano()), "Max-Forwards: 70"}
	routes := ok.lines("Record-Route")
	for i := range routes { // the caller's route set is the Record-Route backwards
		lines = append(lines, "Route: "+routes[len(routes)-1-i][len("Record-Route: "):])
	}
	for _, h := range []string{"From", "To", "Call-ID"} {
		lines = append(lines, ok.lines(h)...)
	}
	return crlf(append(lines, "CSeq: 1 ACK", "Content-Length: 0", "", "")...)
}

func between(s string) string { return regexp.MustCompile(`<(.*)>`).FindStringSubmatch(s)[1] }

// metric reads one value by its name, with its labels where it has some; -1: not there.
func (r *rig) metric(name string) float64 {
	resp, err := http.Get("http://" + r.http + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindSubmatch(b)
	if m == nil {
		return -1
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		return -1
	}
	return v
}

// Until the ACK comes, every 200 the PBX repeats goes up, and every ACK goes down; a repeated INVITE does not go down again.
func TestRetransmittedAndLate200(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	invite := inviteTo(r.node, trunk.addr(), "late")
	trunk.send(r.node, invite)
	trunk.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	ok := m.answer("200 OK", "p", fmt.Sprintf("Contact: <sip:agent@%s>", pbx.addr()))
	var last message
	for range 3 {
		pbx.send(r.node, ok)
		last = trunk.receive(2*time.Second, "SIP/2.0 200")
	}
	// The transaction is over, the ACK has passed, and still a 200 comes: the first ACK was lost on the way.
	for range 2 {
		trunk.send(r.node, ackTo(last, trunk.addr()))
		pbx.receive(2*time.Second, "ACK ")
		pbx.send(r.node, ok)
		last = trunk.receive(2*time.Second, "SIP/2.0 200")
	}
	trunk.send(r.node, ackTo(last, trunk.addr()))
	pbx.receive(2*time.Second, "ACK ")
	if m, more := pbx.tryReceive(300 * time.Millisecond); more {
		t.Errorf("the PBX got one more: %q", m.first())
	}
}

// A PBX that says nothing at all: the INVITE is repeated, and after 64*T1 the caller gets 408 and sipid holds nothing.
func TestSilentPBX(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	begin := time.Now()
	invite := inviteTo(r.node, trunk.addr(), "silent")
	trunk.send(r.node, invite)
	for range 4 {
		pbx.receive(5*time.Second, "INVITE ")
	}
	m := trunk.receive(40*time.Second, "SIP/2.0 408")
	if d := time.Since(begin); d < 31*time.Second || d > 35*time.Second {
		t.Errorf("408 after %v, want 64*T1", d)
	}
	trunk.send(r.node, method(invite, "ACK"))
	if n := len(m.lines("Via")); n != 1 {
		t.Errorf("the 408 has %d Vias, want 1", n)
	}
}
