package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// largeCall is a SIP-I call whose INVITE is over 1 300 octets without its ISUP, too.
var largeCall = call{IAM: iam("100100000042"), Headers: []string{"X-Fill: " + strings.Repeat("0123456789", 130)}, Ring: 50, Talk: 200}

// at gives the call what its PBX must see: the identity, and our Via of a transport.
func (c call) at(transport, contact string) call {
	c.Expect = []expect{exactly("X-Access-ID", "1001"), exactly("X-Serial", "00000042"), {"Via", "^ *SIP/2[.]0/" + transport + " "}}
	c.Contact = contact
	return c
}

// TestLargeRequests: a PBX, SIPp, has a UDP and a TCP socket. Large INVITEs come to it by TCP where targets[].large says so or
// it answered OPTIONS by TCP, small ones by UDP; the calls go on and end.
func TestLargeRequests(t *testing.T) {
	need(t, "sipp")
	t.Parallel()
	small := largeCall
	small.Headers = nil
	t.Run("ByTCP", func(t *testing.T) {
		r := newRig(t, options{direct: true, tcp: true, entry: ", large: tcp"})
		tcp := startSIPp(t, "pbx-answer.xml", largeCall.at("TCP", ";transport=tcp"), r.pbx, noAddr, "-t", "t1")
		udp := startSIPp(t, "pbx-answer.xml", small.at("UDP", ""), r.pbx, noAddr)
		both(t, 20*time.Second, tcp, startSIPp(t, "trunk-call.xml", largeCall, at(t, trunkIP), r.node))
		both(t, 20*time.Second, udp, startSIPp(t, "trunk-call.xml", small, at(t, trunkIP), r.node))
	})
	t.Run("ByUDP", func(t *testing.T) {
		r := newRig(t, options{direct: true, tcp: true, entry: ", large: udp"})
		tcp := startSIPp(t, "pbx-answer.xml", largeCall.at("TCP", ";transport=tcp"), r.pbx, noAddr, "-t", "t1")
		udp := startSIPp(t, "pbx-answer.xml", largeCall.at("UDP", ""), r.pbx, noAddr)
		both(t, 20*time.Second, udp, startSIPp(t, "trunk-call.xml", largeCall, at(t, trunkIP), r.node))
		if tcp.exited() {
			t.Error("the PBX got something by TCP")
		}
	})
	// Nobody listens at the PBX's TCP port.
	t.Run("Refused", func(t *testing.T) {
		r := newRig(t, options{direct: true, tcp: true, entry: ", large: tcp"})
		udp := startSIPp(t, "pbx-answer.xml", largeCall.at("UDP", ""), r.pbx, noAddr)
		both(t, 20*time.Second, udp, startSIPp(t, "trunk-call.xml", largeCall, at(t, trunkIP), r.node))
	})
}

// TestLargeByItself: without targets[].large a PBX gets large calls by TCP once it answered an OPTIONS by TCP.
func TestLargeByItself(t *testing.T) {
	need(t)
	t.Parallel()
	r := newRig(t, options{direct: true, tcp: true, group: ", probe: {interval: 200ms, timeout: 2s}"})
	asked := make(chan bool, 1)
	invites := make(chan string, 16)
	newTorturePBX(t, r.pbx, func(a arrival) {
		switch methodOf(a.text) {
		case "OPTIONS":
			a.reply(answerBy(a.text, "200 OK", "pbx"))
			if strings.HasPrefix(valueOf(a.text, "via"), "SIP/2.0/TCP ") {
				select {
				case asked <- true:
				default:
				}
			}
		case "INVITE":
			a.reply(answerBy(a.text, "486 Busy Here", "pbx"))
			invites <- a.text
		}
	})
	r.sipid.stop() // it asked by TCP when nobody was there, and would ask again in a minute
	r.serve()
	select {
	case <-asked:
	case <-time.After(20 * time.Second):
		t.Fatal("no OPTIONS by TCP")
	}
	trunk := dialUDP(t, at(t, trunkIP))
	n := 0
	came := func(lines ...string) string {
		n++
		return r.busy(trunk, invites, fmt.Sprint("busy", n), lines...)
	}
	// The answer to the OPTIONS is read some time after it was sent: until then calls go by UDP.
	eventually(t, 20*time.Second, "a large call comes by TCP", func() bool { return strings.HasPrefix(came(largeCall.Headers...), "SIP/2.0/TCP ") })
	if via := came(); !strings.HasPrefix(via, "SIP/2.0/UDP ") {
		t.Errorf("a small call came by %s", via)
	}
	if via := came(largeCall.Headers...); !strings.HasPrefix(via, "SIP/2.0/TCP ") {
		t.Errorf("the next large call came by %s", via)
	}
}

// busy makes a call with these lines to a PBX that refuses it, and gives the Via by which it came there.
func (r *rig) busy(trunk *peer, invites <-chan string, id string, lines ...string) string {
	r.t.Helper()
	invite := inviteTo(r.node, trunk.addr(), id, lines...)
	trunk.send(r.node, invite)
	trunk.receive(10*time.Second, "SIP/2.0 486")
	trunk.send(r.node, method(invite, "ACK"))
	return valueOf(<-invites, "via")
}
