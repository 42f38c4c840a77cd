package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The PBX has said nothing yet when the caller gives up. The CANCEL has to wait (RFC 3261 9.1), the caller has not; if
// the PBX rings after all it gets the CANCEL then.
func TestCancelWaitsForTheFirstAnswer(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	invite := inviteTo(r.node, trunk.addr(), "wait")
	trunk.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	trunk.send(r.node, method(invite, "CANCEL"))
	if got := trunk.receive(2*time.Second, "SIP/2.0 200"); !strings.HasSuffix(got.lines("CSeq")[0], "CANCEL") {
		t.Errorf("the 200 is for %q", got.lines("CSeq"))
	}
	if m, ok := pbx.tryReceive(300 * time.Millisecond); ok && strings.HasPrefix(m.text, "CANCEL") {
		t.Error("the CANCEL did not wait for an answer to the INVITE")
	}
	pbx.send(r.node, m.answer("180 Ringing", "p"))
	cancel := pbx.receive(2*time.Second, "CANCEL ")
	if got, want := cancel.lines("Via"), m.lines("Via")[:1]; len(got) != 1 || got[0] != want[0] {
		t.Errorf("the CANCEL's Via is %q, want that of the INVITE, %q", got, want)
	}
	pbx.send(r.node, cancel.answer("200 OK", "p"))
	pbx.send(r.node, m.answer("487 Request Terminated", "p"))
	pbx.receive(2*time.Second, "ACK ")
	got, _ := trunk.tryReceive(2 * time.Second)
	for strings.HasPrefix(got.text, "SIP/2.0 180") { // passing it on is allowed
		got, _ = trunk.tryReceive(2 * time.Second)
	}
	if !strings.HasPrefix(got.text, "SIP/2.0 487") {
		t.Errorf("the caller got %q, want 487", got.first())
	}
	trunk.send(r.node, method(invite, "ACK"))

	// The 487 comes once more, because our ACK was lost: it is acknowledged again, and the caller hears nothing of it.
	pbx.send(r.node, m.answer("487 Request Terminated", "p"))
	pbx.receive(2*time.Second, "ACK ")
	if m, ok := trunk.tryReceive(700 * time.Millisecond); ok {
		t.Errorf("the caller got one more: %q", m.first())
	}
}

// A PBX that takes the CANCEL and then forgets the call: the caller must not wait for ever.
func TestCancelledPBXNeverAnswers(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	invite := inviteTo(r.node, trunk.addr(), "forget")
	trunk.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	pbx.send(r.node, m.answer("180 Ringing", "p"))
	trunk.receive(2*time.Second, "SIP/2.0 180")
	trunk.send(r.node, method(invite, "CANCEL"))
	trunk.receive(2*time.Second, "SIP/2.0 200")
	cancel := pbx.receive(2*time.Second, "CANCEL ")
	pbx.send(r.node, cancel.answer("200 OK", "p"))
	got := trunk.receive(40*time.Second, "SIP/2.0 4")
	if s := got.first(); !strings.HasPrefix(s, "SIP/2.0 487") && !strings.HasPrefix(s, "SIP/2.0 408") {
		t.Errorf("the caller got %q", s)
	}
	trunk.send(r.node, method(invite, "ACK"))
}

// A CANCEL that belongs to nothing gets 481, and one from somebody else's address cancels nothing.
func TestCancelOfNothing(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk, other := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP)), dialUDP(t, at(t, trunk2IP))
	trunk.send(r.node, method(inviteTo(r.node, trunk.addr(), "nothing"), "CANCEL"))
	trunk.receive(2*time.Second, "SIP/2.0 481")

	invite := inviteTo(r.node, trunk.addr(), "mine")
	trunk.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	pbx.send(r.node, m.answer("180 Ringing", "p"))
	trunk.receive(2*time.Second, "SIP/2.0 180")
	other.send(r.node, method(inviteTo(r.node, other.addr(), "mine"), "CANCEL"))
	if m, ok := pbx.tryReceive(500 * time.Millisecond); ok {
		t.Errorf("a stranger's CANCEL went on: %q", m.first())
	}
	pbx.send(r.node, m.answer("486 Busy Here", "p"))
	trunk.receive(2*time.Second, "SIP/2.0 486")
	trunk.send(r.node, method(invite, "ACK"))
}

// The largest body that UDP takes, through the edge and sipid, with octets that readers of lines stumble over.
func TestLargeBody(t *testing.T) {
	need(t, "kamailio")
	t.Parallel()
	r := newRig(t, options{body: "keep"})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	body := strings.Repeat("\r\n--"+boundary[:3]+"\x00\xff", 60_000/9)
	invite := strings.Replace(inviteTo(r.edge, trunk.addr(), "large"), "Content-Length: 0\r\n\r\n",
		fmt.Sprintf("Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s", len(body), body), 1)
	trunk.send(r.edge, invite)
	m := pbx.receive(3*time.Second, "INVITE ")
	if _, got, _ := strings.Cut(m.text, "\r\n\r\n"); got != body {
		t.Errorf("%d octets arrived, want the %d that were sent", len(got), len(body))
	}
	pbx.send(r.node, m.answer("486 Busy Here", "p"))
	trunk.receive(2*time.Second, "SIP/2.0 486")
	trunk.send(r.edge, method(invite, "ACK"))
}

// What sipid answers by itself.
func TestOwnAnswers(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))

	trunk.send(r.node, optionsTo(r.node, trunk.addr()))
	trunk.receive(2*time.Second, "SIP/2.0 200")

	trunk.send(r.node, strings.Replace(inviteTo(r.node, trunk.addr(), "hops"), "Max-Forwards: 70", "Max-Forwards: 0", 1))
	trunk.receive(2*time.Second, "SIP/2.0 483")
	trunk.send(r.node, method(inviteTo(r.node, trunk.addr(), "hops"), "ACK"))

	trunk.send(r.node, strings.Replace(inviteTo(r.node, trunk.addr(), "broken"), "Max-Forwards", "Max Forwards", 1))
	trunk.receive(2*time.Second, "SIP/2.0 400")

	pbx.send(r.node, inviteTo(r.node, pbx.addr(), "frompbx"))
	pbx.receive(2*time.Second, "SIP/2.0 403")
	pbx.send(r.node, method(inviteTo(r.node, pbx.addr(), "frompbx"), "ACK"))
	if m, ok := trunk.tryReceive(300 * time.Millisecond); ok {
		t.Errorf("the trunk got %q", m.first())
	}
}

// Draining: probes and new calls get 503, the call that rings goes on to its end, then the process ends by itself.
func TestDrain(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true, plain: true})
	pbx, trunk := dialUDP(t, r.pbx), dialUDP(t, at(t, trunkIP))
	invite := inviteTo(r.node, trunk.addr(), "drain")
	trunk.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	pbx.send(r.node, m.answer("180 Ringing", "p"))
	trunk.receive(2*time.Second, "SIP/2.0 180")

	r.sipid.terminate()
	eventually(t, 5*time.Second, "readyz says that sipid drains", func() bool { return r.get("/readyz") == 503 })
	trunk.send(r.node, optionsTo(r.node, trunk.addr()))
	trunk.receive(2*time.Second, "SIP/2.0 503")
	trunk.send(r.node, inviteTo(r.node, trunk.addr(), "new"))
	refused := trunk.receive(2*time.Second, "SIP/2.0 503")
	if len(refused.lines("Retry-After")) != 1 {
		t.Errorf("no Retry-After in\n%s", refused)
	}
	trunk.send(r.node, method(inviteTo(r.node, trunk.addr(), "new"), "ACK"))

	pbx.send(r.node, m.answer("486 Busy Here", "p"))
	trunk.receive(2*time.Second, "SIP/2.0 486")
	trunk.send(r.node, method(invite, "ACK"))
	begin := time.Now()
	if err := r.sipid.wait(15 * time.Second); err != nil {
		t.Error(err)
	}
	t.Logf("ended %v after the last call", time.Since(begin).Round(time.Millisecond))
}
