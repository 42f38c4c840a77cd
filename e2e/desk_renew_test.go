package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A call's data are claimed once: an INVITE that is sent again does not claim a second time, nor does a re-INVITE of either
// side, nor one by which the PBX names another agent. The other agent gets the data that are there.
func TestRenewedCallIsClaimedOnce(t *testing.T) {
	need(t)
	d := newDeskRig(t, 2, false)
	const serial = "00000042"
	d.system.set(serial, fmt.Sprintf(`{"name":%q}`, callerName), 0)
	got := make(chan shown, 100)
	d.follow("8001", got)
	d.follow("8002", got)

	invite := d.call("renewed", "1001"+serial)
	d.ring(invite, "8001")
	d.awaitPop(t, got, "8001", "ringing", "ok")
	d.trunk.send(d.node, d.invite("renewed", "1001"+serial))
	d.pbx.send(d.node, invite.answer("200 OK", "p", "P-Asserted-Identity: <sip:8001@pbx.example>", fmt.Sprintf("Contact: <sip:queue@%s>", d.rig.pbx)))
	ok := d.trunk.receiveAnyOf(t, "SIP/2.0 200")
	d.trunk.send(d.node, ackTo(ok, d.trunk.addr()))
	d.pbx.receive(5*time.Second, "ACK ")
	d.awaitPop(t, got, "8001", "answered", "ok")

	renew := strings.NewReplacer("ACK", "INVITE", "CSeq: 1 ", "CSeq: 2 ", "z9hG4bK-ack", "z9hG4bK-renew").Replace(ackTo(ok, d.trunk.addr()))
	d.trunk.send(d.node, strings.Replace(renew, "Max-Forwards", fmt.Sprintf("Contact: <sip:caller@%s>\r\nMax-Forwards", d.trunk.addr()), 1))
	again := d.pbx.receive(5*time.Second, "INVITE ")
	d.pbx.send(d.node, again.answer("200 OK", "p", "P-Asserted-Identity: <sip:8001@pbx.example>", fmt.Sprintf("Contact: <sip:queue@%s>", d.rig.pbx)))
	d.trunk.receiveAnyOf(t, "SIP/2.0 200")
	for n, agent := range []string{"8001", "8002"} {
		m := fromPBX(invite, d.rig.pbx.String(), "INVITE", fmt.Sprintf("P-Asserted-Identity: <sip:%s@pbx.example>", agent), fmt.Sprintf("Contact: <sip:queue@%s>", d.rig.pbx))
		d.pbx.send(d.node, strings.NewReplacer("CSeq: 1 ", fmt.Sprintf("CSeq: %d ", n+1), "z9hG4bK-", fmt.Sprintf("z9hG4bK-%d", n)).Replace(m))
		d.trunk.receiveAnyOf(t, "INVITE ")
	}
	d.awaitPop(t, got, "8002", "answered", "ok")
	if list := d.system.claims(serial); len(list) != 1 {
		t.Errorf("claimed by %q, want once", list)
	}
	if n := d.metric(`sipid_pop_claims_total{result="ok"}`); n != 1 {
		t.Errorf("%v claims counted, want 1", n)
	}
	if status := d.get("/readyz"); status != http.StatusOK {
		t.Errorf("readyz: %d", status)
	}
}

// awaitPop waits until a pop is in a state, with its data in one.
func (d *deskRig) awaitPop(t *testing.T, got <-chan shown, agent, state, data string) {
	t.Helper()
	for limit := time.After(5 * time.Second); ; {
		select {
		case p := <-got:
			if p.stream == agent && p.State == state && p.Data.Status == data {
				return
			}
		case <-limit:
			t.Fatalf("no pop of %s is %s with data %s", agent, state, data)
		}
	}
}

// receiveAnyOf waits for a message whose start line begins so, and passes over all others.
func (p *peer) receiveAnyOf(t *testing.T, begins string) message {
	t.Helper()
	for {
		if m := p.receiveAny(5 * time.Second); strings.HasPrefix(m.text, begins) {
			return m
		}
	}
}
