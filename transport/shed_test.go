package transport_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"sipid/transport"
)

// What the kernel does not let in are INVITEs, and nothing else; with 1 all come
// in again. On sockets of both families.
func TestAdmit(t *testing.T) {
	for _, local := range []string{"127.0.0.1:0", "[::1]:0"} {
		layer, to := serve(t, udp(local))
		conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		const behind = "CANCEL behind\n" // where datagrams wait it does not overtake an INVITE
		echoed := func(text string) bool {
			fmt.Fprint(conn, text, "\n")
			fmt.Fprint(conn, behind) // when its echo is there nothing else comes
			in := make([]byte, 4000)
			for found := false; ; {
				_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
				n, err := conn.Read(in)
				if err != nil {
					t.Fatal(err)
				}
				if string(in[:n]) == behind {
					return found
				}
				found = found || string(in[:n]) == text+"\n"
			}
		}
		admit(t, layer, 0)
		for _, text := range []string{"ACK x", "BYE x", "CANCEL x", "SIP/2.0 200", "INFO x", "INVITES", "INVITE", "INVI", "", "\r", "invite x"} {
			if !echoed(text) {
				t.Errorf("%s: %q was dropped", local, text)
			}
		}
		// A mark that reaches into the last octets looked at, or of the datagram, counts as well.
		for _, size := range []int{97, 300, 383, 560, 1500} {
			for at := 8; at+len(transport.RouteMark) <= min(size, 576); at++ {
				text := inviteOf(size, 0)
				if text = text[:at] + transport.RouteMark + text[at+len(transport.RouteMark):]; !echoed(text) {
					t.Fatalf("%s: of %d octets with the mark at %d was dropped", local, size, at)
				}
			}
		}
		for _, text := range []string{"INVITE x", "INVITE " + strings.Repeat("x", 60), inviteOf(96, 1), inviteOf(575, 1), inviteOf(2000, 1)} {
			if echoed(text) {
				t.Errorf("%s: %q came in", local, text)
			}
		}
		admit(t, layer, 0.5)
		came := 0
		for range 200 {
			if echoed("INVITE x") {
				came++
			}
		}
		if came < 50 || came > 150 {
			t.Errorf("%s: of 200 INVITEs %d came in, want about half", local, came)
		}
		// What is repeated fares as it did at first.
		calls := 0
		for i := range 200 {
			text := inviteOf(900, i)
			first := echoed(text)
			if first {
				calls++
			}
			for range 3 {
				if echoed(text) != first {
					t.Fatalf("%s: call %d came in at first: %v; then not so", local, i, first)
				}
			}
		}
		if calls < 50 || calls > 150 {
			t.Errorf("%s: of 200 calls %d came in, want about half", local, calls)
		}
		admit(t, layer, 1)
		for range 10 {
			if !echoed("INVITE x") {
				t.Errorf("%s: still shedding", local)
			}
		}
		admit(t, layer, 1) // without a filter: no error
	}
}

// inviteOf is an INVITE of so many octets; its number, in the middle of the first
// group or of the third, is all that tells it from others.
func inviteOf(size, number int) string {
	head := fmt.Sprintf("INVITE sip:95165@192.0.2.1 SIP/2.0\r\nVia: %d ", number)
	if size > 300 {
		head = "INVITE sip:95165@192.0.2.1 SIP/2.0\r\nVia: " + strings.Repeat("v", 170) + fmt.Sprint(number)
	}
	return head + strings.Repeat("x", size-len(head))
}

func admit(t *testing.T, layer *transport.Layer, share float64) {
	t.Helper()
	if err := layer.Admit(share); err != nil {
		t.Fatal(err)
	}
}
