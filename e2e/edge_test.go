package e2e_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

const twoTrunks = `  - {name: alpha, sources: [127.0.0.11/32], access_ids: ["10*"], identify: [isup-original-called]}
  - {name: beta, sources: [127.0.0.12/32], access_ids: ["20*"], identify: [isup-original-called]}
`

var ningbo = client{id: "2001", name: "Ningbo switchboard", endpoint: "https://n.example/sipid", digits: 8}

// Two trunks come through one Kamailio; each may claim its own access IDs and nothing a trunk says about its source counts.
func TestTwoTrunksBehindOneEdge(t *testing.T) {
	need(t, "kamailio", "sipp", "tshark", "dumpcap")
	t.Parallel()
	r := newRig(t, options{trunks: twoTrunks}, hangzhou, ningbo)
	for _, tc := range []struct {
		from   netip.Addr
		client client
		status string
	}{
		{trunkIP, hangzhou, "resolved"},
		{trunkIP, ningbo, "not-allowed"},
		{trunk2IP, ningbo, "resolved"},
		{trunk2IP, hangzhou, "not-allowed"},
	} {
		other := trunkIP
		if tc.from == trunkIP {
			other = trunk2IP
		}
		for _, lie := range []string{"X-Accept-This: 1", "X-Edge-Source: %s:5060", "x-edge-source: %s:5060", "X_Edge_Source: %s:5060", "X-EDGE-SOURCE : %s:5060"} {
			if lie[2] != 'A' {
				lie = fmt.Sprintf(lie, other)
			}
			t.Run(tc.from.String()+" "+tc.client.id+" "+lie, func(t *testing.T) {
				c := call{IAM: iam(tc.client.id + "00000042"), Headers: []string{lie, lie}, Expect: []expect{exactly("X-Identify-Status", tc.status)},
					Absent: []string{"[Xx][-_][Ee]dge", "X-EDGE"}}
				if tc.status == "resolved" {
					c.Expect = resolved(tc.client, tc.client.name, "00000042")
				}
				pbx := startSIPp(t, "pbx-answer.xml", c, r.pbx, noAddr)
				both(t, 10*time.Second, pbx, startSIPp(t, "trunk-call.xml", c, at(t, tc.from), r.edge))
			})
		}
	}
}

// A trunk that goes round the edge is taken for what it is, and a stranger with the edge's header is nobody.
func TestForgedSourceWithoutTheEdge(t *testing.T) {
	need(t, "sipp")
	t.Parallel()
	r := newRig(t, options{trunks: twoTrunks, plain: true}, hangzhou, ningbo)
	lie := "X-Edge-Source: 127.0.0.12:5060"
	c := call{IAM: iam("200100000042"), Headers: []string{lie}, Expect: []expect{exactly("X-Identify-Status", "not-allowed")}, Absent: []string{"X-Edge"}}
	pbx := startSIPp(t, "pbx-answer.xml", c, r.pbx, noAddr)
	both(t, 10*time.Second, pbx, startSIPp(t, "trunk-call.xml", c, at(t, trunkIP), r.node))

	pbxPeer, stray := dialUDP(t, r.pbx), dialUDP(t, at(t, strayIP))
	stray.send(r.node, inviteTo(r.node, stray.addr(), "stray", lie))
	if m, ok := pbxPeer.tryReceive(700 * time.Millisecond); ok {
		t.Errorf("a stranger's call reached the PBX: %q", m.first())
	}
}
