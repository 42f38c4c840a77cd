package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	main "sipid/cmd/sipid"
	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
)

// startPBXCommand runs "sipid pbx" on a free port and gives its address, its
// output and what ends it.
func startPBXCommand(t *testing.T, args ...string) (addr string, stdout *daemontest.Buffer, stop func()) {
	t.Helper()
	stdout, stderr := new(daemontest.Buffer), new(daemontest.Buffer)
	ctx, cancel := context.WithCancel(context.Background())
	code := make(chan int, 1)
	line := append([]string{"sipid", "pbx", "--listen", "udp:127.0.0.1:0"}, args...)
	go func() { code <- main.Run(ctx, line, stdout, stderr) }()
	ended := false
	stop = func() {
		cancel()
		if !ended {
			ended = true
			if c := <-code; c != 0 {
				t.Errorf("sipid pbx exits %d: %s", c, stderr)
			}
		}
	}
	t.Cleanup(stop)
	listening := regexp.MustCompile(`listening on udp:(\S+)\n`)
	daemontest.Within(t, 5*time.Second, "the PBX listens", func() bool {
		m := listening.FindStringSubmatch(stdout.String() + stderr.String())
		if m != nil {
			addr = m[1]
		}
		return m != nil
	})
	return addr, stdout, stop
}

func runCall(ctx context.Context, to string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	line := append([]string{"sipid", "call", "--to", to, "--access-id", "1001", "--serial", "00000042", "--hold", "10ms"}, args...)
	code = main.Run(ctx, line, &out, &errs)
	return code, out.String(), errs.String()
}

func TestCallAndPBXDirect(t *testing.T) {
	addr, seen, stop := startPBXCommand(t)
	code, stdout, stderr := runCall(context.Background(), addr)
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, stderr %q\n%s", code, stderr, stdout)
	}
	for _, want := range []string{
		"original called number 100100000042\n", "-> INVITE", "SDP + IAM\n", "<- 100 Trying", "<- 180 Ringing",
		"<- 200 OK", "-> ACK", "-> BYE", "cleared by the caller\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("call does not print %q:\n%s", want, stdout)
		}
	}
	stop()
	for _, want := range []string{
		"  INVITE sip:95165@" + addr + " SIP/2.0\n", "with ISUP: IAM, original called number 100100000042\n",
		"  media: audio ", "over: cleared by the caller (BYE)\n",
	} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("pbx does not print %q:\n%s", want, seen)
		}
	}
}

func TestCallAndPBXJSON(t *testing.T) {
	addr, seen, stop := startPBXCommand(t, "--json")
	code, stdout, stderr := runCall(context.Background(), addr, "--json", "--called", "+8695165", "--calling", "")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	for i, l := range lines {
		var step struct {
			Type, Direction, Method, Outcome, Called string
			Status                                   int
			Cleared                                  string `json:"cleared_by"`
			OCN                                      string `json:"original_called_number"`
		}
		if err := json.Unmarshal([]byte(l), &step); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if last := i == len(lines)-1; last != (step.Type == "summary") {
			t.Errorf("line %d is a %s", i+1, step.Type)
		} else if last && (step.Outcome != "answered" || step.Status != 200 || step.Cleared != "caller" ||
			step.OCN != "100100000042" || step.Called != "+8695165") {
			t.Errorf("summary: %s", l)
		}
	}
	if len(lines) != 8 {
		t.Errorf("%d lines, wanted 7 steps and a summary:\n%s", len(lines), stdout)
	}
	stop()
	var call struct {
		Call      int
		StartLine string          `json:"start_line"`
		Headers   []sipsim.Header `json:"headers"`
		Left      bool            `json:"isup_left"`
		ISUP      string
		Media     string
		Status    int
		Outcome   string
	}
	if err := json.Unmarshal([]byte(seen.String()), &call); err != nil {
		t.Fatalf("pbx --json prints not one object: %v\n%s", err, seen)
	}
	if call.Call != 1 || !call.Left || !strings.HasPrefix(call.ISUP, "01") || call.Status != 200 || call.Headers == nil ||
		!strings.HasPrefix(call.StartLine, "INVITE sip:+8695165@") || call.Outcome != "cleared by the caller (BYE)" {
		t.Errorf("object of the call: %+v", call)
	}
}

func TestCallFails(t *testing.T) {
	t.Run("Busy", func(t *testing.T) {
		addr, _, _ := startPBXCommand(t, "--behave", "busy")
		code, stdout, stderr := runCall(context.Background(), addr, "--json")
		if code != 1 || !strings.HasPrefix(stderr, "sipid: rejected with 486 Busy Here by "+addr) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("exit %d, stderr %q", code, stderr)
		}
		if !strings.Contains(stdout, `"outcome":"busy","status":486`) {
			t.Errorf("stdout:\n%s", stdout)
		}
	})
	t.Run("NoAnswer", func(t *testing.T) {
		addr, seen, _ := startPBXCommand(t, "--behave", "no-answer")
		code, _, stderr := runCall(context.Background(), addr, "--timeout", "100ms")
		if code != 1 || stderr != "sipid: no answer within 100ms; cancelled\n" {
			t.Errorf("exit %d, stderr %q", code, stderr)
		}
		if !strings.Contains(seen.String(), "over: cancelled by the caller\n") {
			t.Errorf("pbx:\n%s", seen)
		}
	})
	t.Run("Silence", func(t *testing.T) {
		addr, _, _ := startPBXCommand(t, "--behave", "silent")
		code, _, stderr := runCall(context.Background(), addr, "--timeout", "100ms")
		if code != 1 || stderr != "sipid: no response from "+addr+" within 100ms\n" {
			t.Errorf("exit %d, stderr %q", code, stderr)
		}
	})
	t.Run("NobodyThere", func(t *testing.T) {
		addr, _, stop := startPBXCommand(t)
		stop()
		code, _, stderr := runCall(context.Background(), addr)
		if code != 1 || !strings.HasPrefix(stderr, "sipid: "+addr+" is not reachable") {
			t.Errorf("exit %d, stderr %q", code, stderr)
		}
	})
	t.Run("Interrupted", func(t *testing.T) {
		addr, seen, _ := startPBXCommand(t, "--behave", "no-answer")
		ctx, interrupt := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer interrupt()
		code, _, stderr := runCall(ctx, addr)
		if code != 1 || !strings.HasPrefix(stderr, "sipid: cancelled after ") {
			t.Errorf("exit %d, stderr %q", code, stderr)
		}
		if !strings.Contains(seen.String(), "<- CANCEL") {
			t.Errorf("pbx:\n%s", seen)
		}
	})
}

// TestPBXPrintsNoControls sends a header that would clear a terminal.
func TestPBXPrintsNoControls(t *testing.T) {
	addr, seen, stop := startPBXCommand(t)
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer trunk.Close()
	call := sipsim.Call{To: netip.MustParseAddrPort(addr), AccessID: "1", Called: "95165",
		Headers: []string{"X-Odd: a\x1b[2J\xff \"b\" 总机"}}
	if _, err := trunk.Call(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	stop()
	if !strings.Contains(seen.String(), `X-Odd: a\x1b[2J\xff "b" 总机`+"\n") {
		t.Errorf("pbx:\n%s", seen)
	}
}

func TestCallThroughSipid(t *testing.T) {
	addr, seen, stop := startPBXCommand(t)
	d := daemontest.Start(t, "sip:"+addr, "1s")
	var out bytes.Buffer
	if code := main.Run(context.Background(), []string{"sipid", "client", "add", "--db", d.DB, "--access-id", "1001",
		"--name", "Hangzhou 总机", "--endpoint", "https://a.example/sipid"}, &out, &out); code != 0 {
		t.Fatalf("client add: %s", &out)
	}
	daemontest.Within(t, 5*time.Second, "the client is live", func() bool { _, h := d.Ready(t); return h.Table.Rows == 1 })
	code, stdout, stderr := runCall(context.Background(), d.SIP[0].String())
	if code != 0 {
		t.Fatalf("exit %d: %s\n%s", code, stderr, stdout)
	}
	stop()
	for _, want := range []string{
		"  X-Access-ID: 1001\n", "  X-Serial: 00000042\n", "  X-Client-Name: Hangzhou 总机\n", "  X-Identify-Status: resolved\n",
		"  body:  application/sdp, ", ", no ISUP\n", "over: cleared by the caller (BYE)\n",
	} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("pbx does not print %q:\n%s", want, seen)
		}
	}
}
