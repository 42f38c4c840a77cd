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
		echoed := func(text string) bool {
			fmt.Fprint(conn, text, "\n")
			fmt.Fprint(conn, "behind\n") // when its echo is there nothing else comes
			in := make([]byte, 100)
			for found := false; ; {
				_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
				n, err := conn.Read(in)
				if err != nil {
					t.Fatal(err)
				}
				if string(in[:n]) == "behind\n" {
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
		for _, text := range []string{"INVITE x", "INVITE " + strings.Repeat("x", 60)} {
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
		admit(t, layer, 1)
		for range 10 {
			if !echoed("INVITE x") {
				t.Errorf("%s: still shedding", local)
			}
		}
		admit(t, layer, 1) // without a filter: no error
	}
}

func admit(t *testing.T, layer *transport.Layer, share float64) {
	t.Helper()
	if err := layer.Admit(share); err != nil {
		t.Fatal(err)
	}
}
