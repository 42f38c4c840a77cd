package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	main "sipid/bench/loadgen"
	"sipid/isupbody"
	"sipid/sipi"
)

// table has an access ID and a serial with leading zeros, another length of
// serial, and a name that is not ASCII and has what a header must escape.
const table = "access_id,endpoint,name,serial_digits,enabled\n" +
	"0001,https://a.example/sipid,Client 1 Ltd,,\n" +
	"1002,https://b.example/sipid,\u676d\u5dde 100%,6,true\n" +
	"1003,https://c.example/sipid,off,8,false\n"

// ends are the addresses of one test, on a loopback address of its own.
type ends struct{ proxy, uas, uac netip.AddrPort }

var lastAddress atomic.Uint32

func newEnds() ends {
	pid := os.Getpid()
	ip := netip.AddrFrom4([4]byte{127, byte(100 + pid>>8%100), byte(pid), byte(lastAddress.Add(1))})
	return ends{proxy: netip.AddrPortFrom(ip, 26060), uas: netip.AddrPortFrom(ip, 26080), uac: netip.AddrPortFrom(ip, 26090)}
}

// outcome is what the generator printed, as far as the tests look at it.
type outcome struct {
	Calls, Done, Failed int
	BadContent          int `json:"bad_content"`
	RetxInvite          int `json:"retx_invite"`
	Retx200             int `json:"retx_200"`
	ISUPAnswers         int `json:"isup_answers"`
	RetxBye             int `json:"retx_bye"`
	Why                 map[string]int
}

// load runs the generator: 200 calls/s for a short while.
func load(t *testing.T, e ends, args ...string) (o outcome, exit int) {
	t.Helper()
	csv := filepath.Join(t.TempDir(), "clients.csv")
	if err := os.WriteFile(csv, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	all := append([]string{"-target", e.proxy.String(), "-listen-uas", e.uas.String(), "-listen-uac", e.uac.String(), "-clients", csv,
		"-warmup", "100ms", "-duration", "500ms", "-t1", "100ms", "-json"}, args...)
	var stdout, stderr bytes.Buffer
	exit = main.Run(all, &stdout, &stderr)
	if err := json.Unmarshal(stdout.Bytes(), &o); err != nil {
		t.Fatalf("exit %d, %v, %s", exit, err, &stderr)
	}
	if o.Calls < 50 {
		t.Fatalf("only %d calls", o.Calls)
	}
	return o, exit
}

var forwarderBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "fwd")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "fwd")
	out, err := exec.Command("go", "build", "-o", bin, "../fwd").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build fwd: %w: %s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := forwarderBinary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin)) // a temporary folder, nothing depends on it
	}
	os.Exit(code)
}

// forwarder starts the forwarder of ../fwd and stops it at the end of the test.
func forwarder(t *testing.T, e ends, args ...string) {
	t.Helper()
	bin, err := forwarderBinary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, append([]string{"-listen", e.proxy.String(), "-uas", e.uas.String(), "-uac", e.uac.String()}, args...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
}

// jobProxy does to the messages of one generator what sipid has to do, so that
// the checks can be seen to pass; spoil then makes one thing wrong. It is no
// proxy for anything else.
type jobProxy struct {
	conn  *net.UDPConn
	e     ends
	spoil func(head []string, body string) ([]string, string)
	twice bool // each INVITE goes out as it must be, and spoiled
	// answer changes the answers to INVITEs that have SDP; nil: nothing does.
	answer func(head []string, body string) ([]string, string)
}

func (p *jobProxy) start(t *testing.T) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(p.e.proxy))
	if err != nil {
		t.Fatal(err)
	}
	p.conn = conn
	var wg sync.WaitGroup
	wg.Go(p.serve)
	t.Cleanup(func() {
		_ = conn.Close()
		wg.Wait()
	})
}

func (p *jobProxy) serve() {
	buf := make([]byte, 8192)
	for {
		n, src, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return // closed at the end of the test
		}
		text, body, _ := strings.Cut(string(buf[:n]), "\r\n\r\n")
		head := strings.Split(text, "\r\n")
		to := p.e.uas
		switch {
		case strings.HasPrefix(head[0], "SIP/2.0"):
			head = append(head[:1], head[2:]...) // our Via is the first header
			if src == p.e.uas {
				to = p.e.uac
			}
			if p.answer != nil && body != "" {
				head, body = p.answer(without(head, "Content-Length"), body)
			}
		case strings.HasPrefix(head[0], "INVITE"):
			head, body = p.invite(head, body)
			if p.twice {
				p.send(head, body, to)
			}
			head, body = p.spoil(head, body)
		default:
			if src == p.e.uas {
				to = p.e.uac
			}
			head = p.via(without(head, "Route"))
		}
		p.send(head, body, to)
	}
}

func (p *jobProxy) send(head []string, body string, to netip.AddrPort) {
	_, _ = p.conn.WriteToUDPAddrPort([]byte(strings.Join(head, "\r\n")+"\r\n\r\n"+body), to) // a lost packet fails the test by itself
}

func (p *jobProxy) via(head []string) []string {
	branch := strings.TrimPrefix(head[1], "Via: ")
	branch = branch[strings.Index(branch, "branch=")+len("branch="):]
	return append([]string{head[0], "Via: SIP/2.0/UDP " + p.e.proxy.String() + ";branch=" + branch + "p"}, head[1:]...)
}

func (p *jobProxy) invite(head []string, body string) ([]string, string) {
	contentType := ""
	for _, h := range head {
		if v, ok := strings.CutPrefix(h, "Content-Type: "); ok {
			contentType = v
		}
	}
	accessID, serial, sdp := identify(contentType, body)
	head = p.via(without(head, "Content-Type", "Content-Length", "MIME-Version", "Max-Forwards"))
	name, endpoint := "Client 1 Ltd", "https://a.example/sipid"
	if accessID == "1002" {
		name, endpoint = "\u676d\u5dde 100%25", "https://b.example/sipid"
	}
	return append(head, "Max-Forwards: 69", "Record-Route: <sip:"+p.e.proxy.String()+";lr>",
		"X-Access-ID: "+accessID, "X-Serial: "+serial, "X-Client-Name: "+name, "X-Client-Endpoint: "+endpoint,
		"X-Identify-Status: resolved", "X-Identify-Source: isup-original-called", "Content-Type: application/sdp"), sdp
}

// identify reads the body with the product's own codecs.
func identify(contentType, body string) (accessID, serial, sdp string) {
	var b sipi.Body
	if err := b.Split(sipi.Headers{ContentType: []byte(contentType)}, []byte(body)); err != nil || b.SDP() == nil {
		return "unreadable body", "", ""
	}
	m, err := isupbody.Decode(b.First(sipi.ISUP).Content, isupbody.VariantITU)
	if err != nil {
		return err.Error(), "", ""
	}
	n, err := m.OriginalCalledNumber()
	if err != nil {
		return err.Error(), "", ""
	}
	digits := string(n.AppendDigits(nil))
	return digits[:4], digits[4:], string(b.SDP().Content)
}

func without(head []string, names ...string) []string { return sift(head, names, false) }

func only(head []string, names ...string) []string { return sift(head, names, true) }

// sift keeps the headers of these names, or the others.
func sift(head, names []string, keep bool) (out []string) {
	for _, h := range head {
		named := false
		for _, n := range names {
			named = named || strings.HasPrefix(h, n+":")
		}
		if named == keep {
			out = append(out, h)
		}
	}
	return out
}
