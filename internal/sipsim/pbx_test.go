package sipsim_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sipid/internal/sipsim"
)

func TestPBXHangsUp(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{HangUpAfter: time.Millisecond}})
	call := callTo(pbx.Addr())
	call.Hold = time.Minute
	result, err := startTrunk(t, 0).Call(context.Background(), call)
	if err != nil || result.ClearedBy != "called side" {
		t.Errorf("%v, cleared by %q", err, result.ClearedBy)
	}
	if report := seen.wait(t); report.Outcome != "cleared by the PBX (BYE)" || report.Talk <= 0 {
		t.Errorf("report: %q, talk %s", report.Outcome, report.Talk)
	}
}

func TestPBXInsideACall(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{})
	call := callTo(pbx.Addr())
	call.During = func(ctx context.Context, s *sipsim.Session) error {
		held, err := s.Reinvite(ctx, "sendonly")
		if err != nil {
			return err
		}
		if held.Status != 200 || !strings.Contains(string(held.Raw), "a=recvonly") {
			t.Errorf("answer to hold: %d\n%s", held.Status, held.Raw)
		}
		for _, method := range []string{"INFO", "UPDATE", "OPTIONS", "MESSAGE"} {
			r, err := s.Request(ctx, method, "application/dtmf-relay", []byte("Signal=1\r\n"))
			if err != nil {
				return err
			}
			if r.Status != 200 {
				t.Errorf("%s: %d", method, r.Status)
			}
		}
		return nil
	}
	if _, err := startTrunk(t, 0).Call(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	seen.wait(t)
	log := strings.Join(seen.log(), "\n")
	for _, want := range []string{"<- INFO", "<- INVITE\n-> 200 OK (INVITE)\n<- ACK\n<- INFO"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in:\n%s", want, log)
		}
	}
}

func TestPBXStops(t *testing.T) {
	t.Run("Answered", func(t *testing.T) {
		pbx, seen, stop := startPBX(t, sipsim.PBXConfig{})
		call := callTo(pbx.Addr())
		call.Hold = time.Minute
		call.During = func(context.Context, *sipsim.Session) error { go stop(); return nil }
		result, err := startTrunk(t, 0).Call(context.Background(), call)
		if err != nil || result.ClearedBy != "called side" {
			t.Errorf("%v, cleared by %q", err, result.ClearedBy)
		}
		if report := seen.wait(t); report.Outcome != "cleared by the PBX (BYE): the PBX is stopping" {
			t.Errorf("outcome %q", report.Outcome)
		}
	})
	t.Run("Ringing", func(t *testing.T) {
		pbx, seen, stop := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{NoAnswer: true}})
		call := callTo(pbx.Addr())
		call.OnEvent = func(ev sipsim.Event) {
			if ev.Status == 180 {
				go stop()
			}
		}
		_, err := startTrunk(t, 0).Call(context.Background(), call)
		var failure *sipsim.CallError
		if !errors.As(err, &failure) || failure.Status != 503 {
			t.Errorf("error: %v", err)
		}
		if report := seen.wait(t); report.Status != 503 {
			t.Errorf("report: %d %q", report.Status, report.Outcome)
		}
	})
	t.Run("Deserted", func(t *testing.T) {
		pbx, seen, stop := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{Silent: true}, T1: quick})
		caller := newPeer(t)
		caller.send(pbx.Addr(), inviteText, caller.addr(), "b1", "c1")
		time.Sleep(50 * time.Millisecond)
		stop()
		if report := seen.wait(t); report.Status != 503 {
			t.Errorf("report: %d %q", report.Status, report.Outcome)
		}
	})
}

func TestPBXChoosesByCall(t *testing.T) {
	pbx, _, _ := startPBX(t, sipsim.PBXConfig{Choose: func(r *sipsim.Received) sipsim.Script {
		if strings.Contains(r.StartLine, "sip:95165@") {
			return sipsim.Script{Status: 603, Body: func(int) (string, []byte) { return "text/plain", []byte("no") }}
		}
		return sipsim.Script{}
	}})
	trunk := startTrunk(t, 0)
	call := callTo(pbx.Addr())
	result, err := trunk.Call(context.Background(), call)
	if result.Status != 603 || err == nil || !strings.HasSuffix(string(result.Answer), "\r\n\r\nno") {
		t.Errorf("%v\n%s", err, result.Answer)
	}
	call.Called = "95166"
	if _, err := trunk.Call(context.Background(), call); err != nil {
		t.Error(err)
	}
}

// inviteText is an INVITE by hand: from, branch and Call-ID are filled in. It
// has folded, compact and foreign headers that a response must give back.
const inviteText = `INVITE sip:1@h SIP/2.0
v: SIP/2.0/UDP %[1]s ;branch=z9hG4bK%[2]s , SIP/2.0/UDP 192.0.2.9:5999;branch=z9hG4bKup;x="a,b"
Record-Route: <sip:192.0.2.9;lr;k=1>;own=2, <sip:192.0.2.8;lr>
f: "O'Hara, <J>" <sip:a@b;user=phone> ;tag= ft
t: <sip:1@h>
i: %[3]s
CSeq: 7 INVITE
m: <sip:a@%[1]s>
X-Folded: one
  two
l: 0

`

func TestPBXAnswersByHand(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{NoTrying: true, NoAnswer: true}})
	caller := newPeer(t)
	caller.send(pbx.Addr(), "\n\n")          // a keep-alive
	caller.send(pbx.Addr(), "garbage\nmore") // and what is no SIP
	caller.send(pbx.Addr(), inviteText, caller.addr(), "b1", "c1")
	ringing, _ := caller.receive()
	if !strings.HasPrefix(ringing, "SIP/2.0 180 Ringing\r\n") {
		t.Fatalf("first answer:\n%s", ringing)
	}
	vias := header(ringing, "Via")
	if len(vias) != 2 || !strings.HasPrefix(vias[0], "SIP/2.0/UDP "+caller.addr().String()) ||
		vias[1] != `SIP/2.0/UDP 192.0.2.9:5999;branch=z9hG4bKup;x="a,b"` {
		t.Errorf("Via: %q", vias)
	}
	if routes := header(ringing, "Record-Route"); len(routes) != 2 || routes[0] != "<sip:192.0.2.9;lr;k=1>;own=2" {
		t.Errorf("Record-Route: %q", routes)
	}
	if from := header(ringing, "From"); len(from) != 1 || from[0] != `"O'Hara, <J>" <sip:a@b;user=phone> ;tag= ft` {
		t.Errorf("From: %q", from)
	}
	if v, _ := seen.first(t).Value("x-folded"); v != "one two" {
		t.Errorf("folded header: %q", v)
	}
	caller.send(pbx.Addr(), inviteText, caller.addr(), "b1", "c1")
	if again, _ := caller.receive(); again != ringing {
		t.Errorf("answer to the repeated INVITE:\n%s", again)
	}
	caller.send(pbx.Addr(), inviteText, caller.addr(), "b2", "c1")
	if merged, _ := caller.receive(); !strings.HasPrefix(merged, "SIP/2.0 482 ") {
		t.Errorf("answer to the INVITE by another way:\n%s", merged)
	}
	stray := strings.ReplaceAll(inviteText, "INVITE", "CANCEL")
	caller.send(pbx.Addr(), stray, caller.addr(), "b3", "c1")
	if answer, _ := caller.receive(); !strings.HasPrefix(answer, "SIP/2.0 481 ") {
		t.Errorf("answer to a CANCEL of nothing:\n%s", answer)
	}
}

func TestPBXOutsideACall(t *testing.T) {
	pbx, _, _ := startPBX(t, sipsim.PBXConfig{})
	caller := newPeer(t)
	for method, want := range map[string]string{"OPTIONS": "200 OK", "MESSAGE": "200 OK", "REGISTER": "405 "} {
		caller.send(pbx.Addr(), strings.ReplaceAll(inviteText, "INVITE", method), caller.addr(), method, "c2")
		answer, _ := caller.receive()
		if !strings.HasPrefix(answer, "SIP/2.0 "+want) || len(header(answer, "Allow")) != 1 {
			t.Errorf("%s:\n%s", method, answer)
		}
	}
	bye := strings.ReplaceAll(strings.ReplaceAll(inviteText, "INVITE", "BYE"), "t: <sip:1@h>", "t: <sip:1@h>;tag=x")
	caller.send(pbx.Addr(), bye, caller.addr(), "bye", "c3")
	if answer, _ := caller.receive(); !strings.HasPrefix(answer, "SIP/2.0 481 ") {
		t.Errorf("BYE of no call:\n%s", answer)
	}
}

func TestPBXRepeatsUntilACK(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{NoTrying: true, NoRinging: true}, T1: quick})
	caller := newPeer(t)
	text := strings.Replace(inviteText, "Record-Route: <sip:192.0.2.9;lr;k=1>;own=2, <sip:192.0.2.8;lr>\n", "", 1)
	caller.send(pbx.Addr(), text, caller.addr(), "b1", "c4")
	first, _ := caller.receive()
	for range 3 {
		if again, _ := caller.receive(); again != first {
			t.Fatalf("not the same 200 again:\n%s", again)
		}
	}
	// With no ACK at all the PBX clears the call.
	for {
		text, _ := caller.receive()
		if strings.HasPrefix(text, "BYE sip:a@"+caller.addr().String()) {
			caller.send(pbx.Addr(), "SIP/2.0 200 OK\nVia: %s\nFrom: %s\nTo: %s\nCall-ID: c4\nCSeq: %s\nContent-Length: 0\n\n",
				header(text, "Via")[0], header(text, "From")[0], header(text, "To")[0], header(text, "CSeq")[0])
			break
		}
	}
	if report := seen.wait(t); report.Outcome != "cleared by the PBX (BYE): no ACK came" {
		t.Errorf("outcome %q", report.Outcome)
	}
}

func TestNamedScript(t *testing.T) {
	if _, err := sipsim.NamedScript("sleepy"); err == nil || !strings.Contains(err.Error(), "back-to-back") {
		t.Errorf("error: %v", err)
	}
}

func TestNewPBXPortTaken(t *testing.T) {
	pbx, _, _ := startPBX(t, sipsim.PBXConfig{})
	if _, err := sipsim.NewPBX(sipsim.PBXConfig{Listen: "udp:" + pbx.Addr().String()}); err == nil {
		t.Error("two PBXs on one port")
	}
	if _, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "nonsense"}); err == nil {
		t.Error("a trunk that listens nowhere")
	}
}
