package sipsim_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sipid/internal/sipsim"
)

func TestCallDirect(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{})
	trunk := startTrunk(t, 0)
	var tr trace
	call := callTo(pbx.Addr())
	call.OnEvent = tr.add
	result, err := trunk.Call(context.Background(), call)
	if err != nil {
		t.Fatal(err)
	}
	tr.want(t, `
		-> INVITE
		<- 100 Trying (INVITE)
		<- 180 Ringing (INVITE)
		<- 200 OK (INVITE)
		-> ACK
		-> BYE
		<- 200 OK (BYE)`)
	if result.Status != 200 || result.ClearedBy != "caller" || result.AnswerAfter <= 0 || result.RingAfter <= 0 {
		t.Errorf("result: %+v", result)
	}
	report := seen.wait(t)
	if report.Status != 200 || report.Outcome != "cleared by the caller (BYE)" {
		t.Errorf("report: status %d, outcome %q", report.Status, report.Outcome)
	}
	invite := seen.first(t)
	if !bytes.Equal(invite.Raw, result.Invite) {
		t.Error("the INVITE was changed on the way")
	}
	iam, err := sipsim.IAM(call)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(invite.ISUP, iam) {
		t.Errorf("ISUP part: %x, wanted %x", invite.ISUP, iam)
	}
	if !strings.HasPrefix(invite.Media, "audio ") || !strings.HasSuffix(invite.Media, "RTP/AVP 8 0 101 at 127.0.0.1") {
		t.Errorf("media line: %q", invite.Media)
	}
	if len(invite.Extensions()) != 0 {
		t.Errorf("extension headers: %v", invite.Extensions())
	}
}

func TestCallExtensions(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{})
	call := callTo(pbx.Addr())
	call.Headers = []string{"X-Client-Name: Hangzhou 总机", "x-serial: 00000042"}
	if _, err := startTrunk(t, 0).Call(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	got := seen.first(t).Extensions()
	want := []sipsim.Header{{Name: "X-Client-Name", Value: "Hangzhou 总机"}, {Name: "x-serial", Value: "00000042"}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("extension headers: %v, wanted %v", got, want)
	}
	if v, ok := seen.first(t).Value("X-Serial"); !ok || v != "00000042" {
		t.Errorf("X-Serial: %q, %v", v, ok)
	}
}

func TestCallOwnBody(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{})
	call := callTo(pbx.Addr())
	call.ContentType, call.Body = "application/isup;version=itu-t92+", []byte{1, 0, '\r', '\n', 0, 0xff}
	if _, err := startTrunk(t, 0).Call(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	invite := seen.first(t)
	if !bytes.Equal(invite.ISUP, call.Body) || invite.SDP != nil || invite.Media != "no SDP" {
		t.Errorf("ISUP %x, SDP %q, media %q", invite.ISUP, invite.SDP, invite.Media)
	}
}

func TestCallRejected(t *testing.T) {
	for _, test := range []struct {
		script string
		status int
	}{{"busy", 486}, {"unavailable", 503}} {
		t.Run(test.script, func(t *testing.T) {
			script, err := sipsim.NamedScript(test.script)
			if err != nil {
				t.Fatal(err)
			}
			script.Headers = []string{"Reason: Q.850;cause=17"}
			pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: script})
			result, err := startTrunk(t, 0).Call(context.Background(), callTo(pbx.Addr()))
			var failure *sipsim.CallError
			if !errors.Is(err, sipsim.ErrRejected) || !errors.As(err, &failure) || failure.Status != test.status {
				t.Fatalf("error: %v", err)
			}
			if !strings.Contains(err.Error(), "Q.850;cause=17") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error text: %q", err)
			}
			if result.Status != test.status || result.ClearedBy != "" {
				t.Errorf("result: %+v", result)
			}
			if report := seen.wait(t); report.Status != test.status {
				t.Errorf("report: %d %q", report.Status, report.Outcome)
			}
		})
	}
}

func TestCallNoAnswer(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{NoAnswer: true}})
	var tr trace
	call := callTo(pbx.Addr())
	call.Timeout, call.OnEvent = 100*time.Millisecond, tr.add
	result, err := startTrunk(t, 0).Call(context.Background(), call)
	if !errors.Is(err, sipsim.ErrNoAnswer) || result.Status != 487 {
		t.Fatalf("error: %v; status %d", err, result.Status)
	}
	if report := seen.wait(t); report.Status != 487 || report.Outcome != "cancelled by the caller" {
		t.Errorf("report: %d %q", report.Status, report.Outcome)
	}
	for _, want := range []string{"-> CANCEL", "<- 487 Request Terminated (INVITE)\n-> ACK"} {
		if !strings.Contains(tr.String(), want) {
			t.Errorf("no %q in:\n%s", want, tr.String())
		}
	}
}

func TestCallNoResponse(t *testing.T) {
	pbx, _, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{Silent: true}})
	t.Run("TimerB", func(t *testing.T) {
		var tr trace
		call := callTo(pbx.Addr())
		call.OnEvent = tr.add
		_, err := startTrunk(t, time.Millisecond).Call(context.Background(), call)
		if !errors.Is(err, sipsim.ErrNoResponse) {
			t.Fatalf("error: %v", err)
		}
		if n := strings.Count(tr.String(), "-> INVITE again"); n < 3 {
			t.Errorf("the INVITE was repeated %d times", n)
		}
	})
	t.Run("Timeout", func(t *testing.T) {
		call := callTo(pbx.Addr())
		call.Timeout = 20 * time.Millisecond
		_, err := startTrunk(t, 0).Call(context.Background(), call)
		if !errors.Is(err, sipsim.ErrNoResponse) || !strings.Contains(err.Error(), "within 20ms") {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("Interrupt", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := startTrunk(t, quick).Call(ctx, callTo(pbx.Addr()))
		if !errors.Is(err, sipsim.ErrCancelled) {
			t.Errorf("error: %v", err)
		}
	})
}

func TestCallUnreachable(t *testing.T) {
	gone := newPeer(t)
	addr := gone.addr()
	gone.Close()
	trunk := startTrunk(t, 0)
	for range 2 { // the second packet must not be swallowed by the first one's error
		began := time.Now()
		_, err := trunk.Call(context.Background(), callTo(addr))
		if !errors.Is(err, sipsim.ErrUnreachable) || time.Since(began) > 5*time.Second {
			t.Errorf("error: %v after %s", err, time.Since(began))
		}
	}
	pbx, _, _ := startPBX(t, sipsim.PBXConfig{})
	if _, err := trunk.Call(context.Background(), callTo(pbx.Addr())); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestCallCancel(t *testing.T) {
	for _, status := range []int{100, 180} {
		pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{AnswerAfter: time.Minute}})
		call := callTo(pbx.Addr())
		call.CancelOn = status
		result, err := startTrunk(t, 0).Call(context.Background(), call)
		if !errors.Is(err, sipsim.ErrCancelled) || result.Status != 487 {
			t.Errorf("on %d: %v, status %d", status, err, result.Status)
		}
		if report := seen.wait(t); report.Outcome != "cancelled by the caller" {
			t.Errorf("on %d: outcome %q", status, report.Outcome)
		}
	}
}

func TestCallAnswerCrossesCancel(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Script: sipsim.Script{NoAnswer: true, AnswerOnCancel: true}})
	call := callTo(pbx.Addr())
	call.CancelOn = 180
	result, err := startTrunk(t, 0).Call(context.Background(), call)
	if !errors.Is(err, sipsim.ErrCancelled) || result.Status != 200 || result.ClearedBy != "caller" {
		t.Fatalf("%v, result %+v", err, result)
	}
	if report := seen.wait(t); report.Status != 200 || report.Outcome != "cleared by the caller (BYE)" {
		t.Errorf("report: %d %q", report.Status, report.Outcome)
	}
}

func TestCallBackToBack(t *testing.T) {
	script, err := sipsim.NamedScript("back-to-back")
	if err != nil {
		t.Fatal(err)
	}
	pbx, _, _ := startPBX(t, sipsim.PBXConfig{Script: script})
	trunk := startTrunk(t, 0)
	for i := range 200 {
		result, err := trunk.Call(context.Background(), callTo(pbx.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Provisional) != 1 || result.Provisional[0] != 180 {
			t.Fatalf("call %d: provisional responses %v", i, result.Provisional)
		}
	}
}

func TestCallInterruptedWhileTalking(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{})
	ctx, cancel := context.WithCancel(context.Background())
	call := callTo(pbx.Addr())
	call.Hold = time.Minute
	call.During = func(context.Context, *sipsim.Session) error { cancel(); return nil }
	result, err := startTrunk(t, 0).Call(ctx, call)
	if err != nil || result.ClearedBy != "caller" {
		t.Errorf("%v, cleared by %q", err, result.ClearedBy)
	}
	if report := seen.wait(t); report.Outcome != "cleared by the caller (BYE)" {
		t.Errorf("outcome %q", report.Outcome)
	}
}

func TestCallBadInput(t *testing.T) {
	trunk := startTrunk(t, 0)
	to := netip.MustParseAddrPort("127.0.0.1:9")
	for name, change := range map[string]func(*sipsim.Call){
		"called number":        func(c *sipsim.Call) { c.Called = "95a" },
		"calling number":       func(c *sipsim.Call) { c.Calling = "+" },
		"access ID and serial": func(c *sipsim.Call) { c.Serial = "42 " },
		"request-uri":          func(c *sipsim.Call) { c.RequestURI = "nonsense" },
	} {
		call := callTo(to)
		change(&call)
		if _, err := trunk.Call(context.Background(), call); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCallIPv6(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Listen: "udp:[::1]:0"})
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "[::1]:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer trunk.Close()
	if _, err := trunk.Call(context.Background(), callTo(pbx.Addr())); err != nil {
		t.Fatal(err)
	}
	if from, _ := seen.first(t).Value("From"); !strings.HasPrefix(from, "<sip:57188888888@[::1]>") {
		t.Errorf("From: %s", from)
	}
	if !strings.HasSuffix(seen.first(t).Media, " at ::1") {
		t.Errorf("media line: %s", seen.first(t).Media)
	}
}
