package e2e_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"
)

// call is what the scenarios in testdata are filled with.
type call struct {
	User    string   // of the Request-URI and To
	IAM     []byte   // the ISUP part; none: the body is SDP alone
	Label   string   // of the ISUP part; empty: itu-t92+
	Headers []string // further lines of the INVITE
	Expect  []expect // what the PBX must find in the INVITE
	Absent  []string // regular expressions that nothing in the INVITE may match
	Ring    int      // milliseconds
	Talk    int
	Reason  string // of the CANCEL
	Status  string // with which the PBX refuses
	Method  string // of a request outside of a dialog
	Contact string // parameters of the PBX's Contact
}

// Code is the status code alone.
func (c call) Code() string { return strings.Fields(c.Status)[0] }

// expect is a header and an extended regular expression for its value.
type expect struct{ Name, Pattern string }

func exactly(name, value string) expect {
	return expect{name, "^ *" + quoteRegexp.Replace(value) + " *$"}
}

// quoteRegexp also keeps the value apart from XML.
var quoteRegexp = strings.NewReplacer(".", "[.]", "?", "[?]", "*", "[*]", "+", "[+]", "&", "&amp;", "<", "&lt;")

// sipp is one SIPp process.
type sipp struct {
	*process
	addr netip.AddrPort
}

// startSIPp fills the scenario and runs it. A PBX has no remote address: it answers whoever calls.
func startSIPp(t *testing.T, scenario string, c call, local, remote netip.AddrPort, args ...string) *sipp {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, scenario)
	writeScenario(t, file, scenario, c)
	argv := []string{"sipp", "-sf", file, "-i", local.Addr().String(), "-p", strconv.Itoa(int(local.Port())),
		"-mi", local.Addr().String(), "-mp", strconv.Itoa(mediaPort(t)), "-cp", strconv.Itoa(port(t)),
		"-nostdin", "-trace_err", "-error_file", filepath.Join(dir, "errors"), "-buff_size", "4000000"}
	if remote.IsValid() {
		argv = append(argv, remote.String())
	}
	if !contains(args, "-m") {
		args = append(args, "-m", "1", "-trace_msg", "-message_file", filepath.Join(dir, "messages"))
	}
	p := start(t, dir, strings.TrimSuffix(scenario, ".xml"), append(argv, args...)...)
	p.more = []string{filepath.Join(dir, "errors"), filepath.Join(dir, "messages")}
	network := "udp"
	if contains(args, "t1") {
		network = "tcp"
	}
	eventually(t, 5*time.Second, scenario+" has its socket", func() bool {
		return bound(network, local) || p.exited()
	})
	return &sipp{p, local}
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// both waits for a PBX and a trunk to end well. When one fails the other is not waited for.
func both(t *testing.T, d time.Duration, pbx, trunk *sipp) {
	t.Helper()
	end := time.After(d)
	for _, p := range []*sipp{trunk, pbx} {
		select {
		case <-p.done:
		case <-pbx.done:
			// A PBX that found something wrong ends at once; a good one ends about when the trunk does.
			if pbx.err == nil {
				select {
				case <-p.done:
				case <-end:
				}
			}
		case <-end:
		}
	}
	for _, p := range []*sipp{pbx, trunk} {
		if err := p.wait(500 * time.Millisecond); err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func writeScenario(t *testing.T, file, name string, c call) {
	t.Helper()
	tmpl, err := template.New(name).Funcs(c.funcs()).ParseFiles(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tmpl.Execute(f, c); err != nil {
		t.Fatalf("scenario %s: %v", name, err)
	}
}

func (c call) funcs() template.FuncMap {
	return template.FuncMap{
		"invite": c.invite, "request": request, "uasRequest": uasRequest, "cancel": c.cancelRequest, "ackFailure": ackFailure,
		"recvInvite": c.recvInvite, "references": c.references,
		"answer": c.answer, "reply": c.reply, "late": late, "outOfDialog": outOfDialog,
	}
}

// octets writes binary for a SIPp scenario, which turns \xNN into that octet, zero included.
func octets(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		fmt.Fprintf(&s, `\x%02X`, c)
	}
	return s.String()
}
