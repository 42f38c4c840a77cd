package sipsim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sipid/internal/sipsim"
)

// TestTrunkFollowsTheRoute plays proxy and called side by hand: the INVITE is
// repeated until it is heard, ACK and BYE take the recorded route backwards, a
// repeated 200 gets its ACK again, an unanswered BYE comes again.
func TestTrunkFollowsTheRoute(t *testing.T) {
	called, near := newPeer(t), newPeer(t)
	trunk := startTrunk(t, quick)
	type end struct {
		result sipsim.Result
		err    error
	}
	over := make(chan end, 1)
	call := callTo(called.addr())
	call.Hold = 200 * time.Millisecond
	go func() {
		result, err := trunk.Call(context.Background(), call)
		over <- end{result, err}
	}()
	first, from := called.receive()
	if again, _ := called.receive(); again != first {
		t.Fatalf("the repeated INVITE differs:\n%s", again)
	}
	ok := func() {
		called.send(from, "SIP/2.0 200 OK\nVia: %s\nFrom: %s\nTo: %s;tag=far\nCall-ID: %s\nCSeq: 1 INVITE\n"+
			"Record-Route: <sip:192.0.2.1;lr>, <sip:%s;lr;k=1>;own=2\nContact: <sip:u@192.0.2.7:5099>\nContent-Length: 0\n\n",
			header(first, "Via")[0], header(first, "From")[0], header(first, "To")[0], header(first, "Call-ID")[0], near.addr())
	}
	ok()
	ack, _ := near.receive()
	routes := header(ack, "Route")
	if !strings.HasPrefix(ack, "ACK sip:u@192.0.2.7:5099 SIP/2.0\r\n") || header(ack, "CSeq")[0] != "1 ACK" ||
		len(routes) != 2 || routes[1] != "<sip:192.0.2.1;lr>" || !strings.HasSuffix(routes[0], ";lr;k=1>;own=2") ||
		!strings.HasSuffix(header(ack, "To")[0], ";tag=far") {
		t.Fatalf("ACK:\n%s", ack)
	}
	ok() // as if the ACK had been lost
	if again, _ := near.receive(); again != ack {
		t.Fatalf("not the ACK again:\n%s", again)
	}
	bye, _ := near.receive()
	if !strings.HasPrefix(bye, "BYE sip:u@192.0.2.7:5099 ") || strings.Join(header(bye, "Route"), ",") != strings.Join(routes, ",") {
		t.Fatalf("BYE:\n%s", bye)
	}
	if again, _ := near.receive(); again != bye {
		t.Fatalf("the repeated BYE differs:\n%s", again)
	}
	near.send(from, "SIP/2.0 200 OK\nVia: %s\nFrom: %s\nTo: %s\nCall-ID: %s\nCSeq: %s\nContent-Length: 0\n\n",
		header(bye, "Via")[0], header(bye, "From")[0], header(bye, "To")[0], header(bye, "Call-ID")[0], header(bye, "CSeq")[0])
	if e := <-over; e.err != nil || e.result.ClearedBy != "caller" {
		t.Errorf("%v, cleared by %q", e.err, e.result.ClearedBy)
	}
}

// TestPBXFollowsTheRoute wants the PBX's BYE at the first proxy of the recorded
// route, for the caller's Contact.
func TestPBXFollowsTheRoute(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{NoTrying: true, NoRinging: true, HangUpAfter: time.Millisecond}})
	caller, near := newPeer(t), newPeer(t)
	text := strings.Replace(inviteText, "<sip:192.0.2.9;lr;k=1>;own=2", "<sip:"+near.addr().String()+";lr;k=1>", 1)
	caller.send(pbx.Addr(), text, caller.addr(), "b1", "c9")
	ok, _ := caller.receive()
	caller.send(pbx.Addr(), "ACK sip:pbx@h SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKack\nFrom: %s\nTo: %s\nCall-ID: c9\nCSeq: 7 ACK\nContent-Length: 0\n\n",
		caller.addr(), header(ok, "From")[0], header(ok, "To")[0])
	bye, from := near.receive()
	routes := header(bye, "Route")
	if !strings.HasPrefix(bye, "BYE sip:a@"+caller.addr().String()+" SIP/2.0\r\n") || len(routes) != 2 ||
		routes[1] != "<sip:192.0.2.8;lr>" || header(bye, "From")[0] != header(ok, "To")[0] || header(bye, "To")[0] != header(ok, "From")[0] {
		t.Errorf("BYE:\n%s", bye)
	}
	near.send(from, "SIP/2.0 200 OK\nVia: %s\nFrom: %s\nTo: %s\nCall-ID: c9\nCSeq: %s\nContent-Length: 0\n\n",
		header(bye, "Via")[0], header(bye, "From")[0], header(bye, "To")[0], header(bye, "CSeq")[0])
	if report := seen.wait(t); report.Outcome != "cleared by the PBX (BYE)" {
		t.Errorf("outcome %q", report.Outcome)
	}
}
