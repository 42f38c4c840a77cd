package proxy_test

import (
	"testing"
	"time"
)

// Max-Breadth (RFC 5393 5.3.3): a request without it gets 60, more than 60 is too much, and the attempts of a call that may
// be under way at one time share what there is.
func TestMaxBreadth(t *testing.T) {
	for _, tt := range []struct{ name, line, first, second string }{
		{"None", "", "30", "30"},
		{"Sixty", "Max-Breadth: 60\r\n", "30", "30"},
		{"TooMany", "Max-Breadth: 99999999999999999999\r\n", "30", "30"},
		{"NoNumber", "Max-Breadth: a lot\r\n", "30", "30"},
		{"Odd", "max-breadth :\r\n 5\r\n", "2", "2"},
		{"Two", "Max-Breadth: 2\r\n", "1", "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, two, func(r *rig) {
				pbx2 := r.peer(pbx2Addr)
				c := call{id: "c", branch: "z9hG4bKc", lines: tt.line}
				if got := r.offered(c).one(t, "Max-Breadth"); got != tt.first {
					t.Errorf("first %q, want %q", got, tt.first)
				}
				time.Sleep(1450 * time.Millisecond) // it says nothing
				second := pbx2.get("INVITE ")
				if got := second.one(t, "Max-Breadth"); got != tt.second {
					t.Errorf("second %q, want %q", got, tt.second)
				}
				pbx2.send(second.answer("486 Busy Here", "x"))
				pbx2.get("ACK")
				r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
				r.pbx.drain()
			})
		})
	}
}

// A call that may have one way at a time goes one after the other, and has all of its Max-Breadth on each; none left is 440.
func TestMaxBreadthOfOne(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		none := call{id: "none", branch: "z9hG4bKnone", lines: "Max-Breadth: 0\r\n"}
		r.trunk.send(none.invite())
		r.trunk.send(none.ackRefusal(r.trunk.get("SIP/2.0 440 ")))
		r.pbx.quiet(time.Second)

		c := call{id: "c", branch: "z9hG4bKc", lines: "Max-Breadth: 1\r\n"}
		if got := r.offered(c).one(t, "Max-Breadth"); got != "1" {
			t.Errorf("first %q", got)
		}
		pbx2.quiet(10 * time.Second) // the first target says nothing
		time.Sleep(25 * time.Second) // timer B
		second := pbx2.get("INVITE ")
		if got := second.one(t, "Max-Breadth"); got != "1" {
			t.Errorf("second %q", got)
		}
		pbx2.drain() // it was sent more than once by then
		pbx2.send(second.answer("486 Busy Here", "x"))
		pbx2.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
		r.pbx.drain()
	})
}

// Requests that go one way only have all of it: within a call, and where there is one target.
func TestMaxBreadthOneWay(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		invite, ok := r.answered(c)
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
		bye := r.pbx.get("BYE ")
		r.pbx.send(bye.answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
		for _, m := range []message{invite, bye} {
			if got := m.one(t, "Max-Breadth"); got != "60" {
				t.Errorf("%q in\n%s", got, m.head())
			}
		}
	})
}
