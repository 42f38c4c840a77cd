package transport_test

import (
	"bufio"
	"net"
	"net/netip"
	"testing"
	"time"

	"sipid/transport"
)

// options is a message that an echo answers.
const options = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n"

// A peer that has as many connections as it may, and ends one to make another,
// need not wait until what the first one had to get is out: that takes 5 ms at
// least. How soon a closed connection is noticed is the system's, so the fastest
// of fifty times counts.
func TestRoomAfterHangUp(t *testing.T) {
	_, at := serve(t, transport.Listen{Network: "tcp", Addr: netip.MustParseAddrPort("127.0.0.1:0")})
	dial := func() (*net.TCPConn, bool) {
		conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(at))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = conn.Write([]byte(options)) // it may be refused already
		line, err := bufio.NewReader(conn).ReadString('\n')
		return conn, err == nil && line != ""
	}
	const most = 32
	var last *net.TCPConn
	for i := range most {
		ok := false
		if last, ok = dial(); !ok {
			t.Fatalf("connection %d of %d was refused", i+1, most)
		}
	}
	if _, ok := dial(); ok {
		t.Fatalf("there is room for more than %d", most)
	}
	fastest := time.Hour
	for range 50 {
		if err := last.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		began, ok := time.Now(), false
		for !ok {
			if last, ok = dial(); time.Since(began) > 10*time.Second {
				t.Fatal("no room")
			}
		}
		fastest = min(fastest, time.Since(began))
	}
	if fastest >= 4*time.Millisecond {
		t.Errorf("room for another after %v at best", fastest)
	}
}
