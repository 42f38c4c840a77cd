package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// 180 and 200 leave the PBX in one moment. The trunk insists on the 180 before the 200: a lost or late one fails the call.
// Without the edge, since Kamailio's workers may overtake each other by themselves.
func TestBackToBack180And200(t *testing.T) {
	need(t, "sipp")
	r := newRig(t, options{direct: true, plain: true})
	c := call{IAM: iam("100100000042")}
	pbx := startSIPp(t, "pbx-back-to-back.xml", c, r.pbx, noAddr, "-m", "5000")
	both(t, 40*time.Second, pbx, startSIPp(t, "trunk-call.xml", c, at(t, trunkIP), r.node, "-m", "5000", "-r", "500", "-l", "3000"))
}

// Five in a hundred packets are lost on every hop, both ways; no call may be. The kernel drops them, in a network
// namespace of its own, so that the test touches nothing else on the machine.
func TestFivePercentLoss(t *testing.T) {
	need(t, "nft", "ip")
	if !inNamespace(t) {
		return
	}
	l := newLoad(t)
	command(t, l.dir, "nft", "add table inet loss; add chain inet loss in { type filter hook input priority 0; }; "+
		"add counter inet loss dropped; add rule inet loss in meta l4proto udp numgen random mod 100 < 5 counter name dropped drop")
	// A call may need several repetitions on both hops, the last of them four seconds apart.
	res := l.run("-cps", "60", "-duration", "9s", "-timeout", "32s")
	res.mustBeGood(t, 500)
	dropped := strings.Join(strings.Fields(command(t, l.dir, "nft", "list", "counter", "inet", "loss", "dropped")), " ")
	if res.RetxInvite == 0 || strings.Contains(dropped, "packets 0 ") {
		t.Errorf("nothing was lost: %s", dropped)
	}
	t.Log(dropped)
}

// 200 calls/s for ten seconds, each with a random access ID of 10,000 clients and a random serial, checked one by one.
func TestLoad(t *testing.T) {
	need(t)
	newLoad(t).run("-cps", "200", "-duration", "10s").mustBeGood(t, 1800)
}

// inNamespace tells whether the test runs in a network namespace of its own. Where not, it runs the test once more in
// one, by the same test binary, and reports that run's outcome.
func inNamespace(t *testing.T) bool {
	t.Helper()
	const inside = "SIPID_E2E_NAMESPACE"
	if os.Getenv(inside) == t.Name() {
		return true
	}
	plainBinary.get(t)
	ns := fmt.Sprintf("sipid-e2e-%d", os.Getpid())
	command(t, t.TempDir(), "ip", "netns", "add", ns)
	t.Cleanup(func() { _, _ = tryCommand("/", "ip", "netns", "del", ns) })
	command(t, t.TempDir(), "ip", "-n", ns, "link", "set", "lo", "up")
	cmd := exec.Command("timeout", namespaceLife(), "ip", "netns", "exec", ns, os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+t.Name(), "SIPID_E2E_BIN="+filepath.Dir(plainBinary.path))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("in the namespace: %v", err)
	}
	t.Logf("%s", out)
	return false
}

// load is sipid with 10,000 clients and the load generator of bench/, which is trunk and PBX in one and checks the
// headers and the body of every call.
type load struct {
	*rig
	bin   string
	table string
}

func newLoad(t *testing.T, more ...func(*options)) *load {
	t.Helper()
	source := filepath.Join(repoRoot(t), "bench", "loadgen")
	if _, err := os.Stat(source); err != nil {
		t.Fatal("bench/loadgen, the load generator, is missing")
	}
	dir := t.TempDir()
	l := &load{bin: filepath.Join(dir, "loadgen"), table: filepath.Join(dir, "clients.csv")}
	if err := goBuild(source, l.bin, "."); err != nil {
		t.Fatalf("build loadgen: %v", err)
	}
	var table strings.Builder
	table.WriteString("access_id,name,endpoint\n")
	for i := range 10_000 {
		fmt.Fprintf(&table, "%04d,Client %04d Ltd,sip:pbx-%04d.example.net:%d\n", i, i, i, 5060+i%40)
	}
	if err := os.WriteFile(l.table, []byte(table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options{direct: true, plain: true, csv: l.table}
	for _, f := range more {
		f(&o)
	}
	l.rig = newRig(t, o)
	return l
}

// loadResult is what the load generator prints with -json, as far as it matters here.
type loadResult struct {
	Calls      int            `json:"calls"`
	Done       int            `json:"done"`
	Failed     int            `json:"failed"`
	BadContent int            `json:"bad_content"`
	RetxInvite int            `json:"retx_invite"`
	Why        map[string]int `json:"why"`
	bad        string         // the first bad INVITE
}

func (l *load) run(args ...string) (res loadResult) {
	t := l.t
	t.Helper()
	bad := filepath.Join(l.dir, "bad")
	argv := []string{l.bin, "-target", l.node.String(), "-listen-uas", l.pbx.String(), "-listen-uac", at(t, trunkIP).String(), "-clients", l.table,
		"-expect", "job", "-warmup", "0s", "-dump-bad", bad, "-json"}
	out := command(t, l.dir, append(argv, args...)...)
	if err := json.Unmarshal([]byte(out), &res); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	b, err := os.ReadFile(bad)
	if err == nil {
		res.bad = string(b)
	}
	return res
}

func (r loadResult) mustBeGood(t *testing.T, atLeast int) {
	t.Helper()
	if r.Calls < atLeast || r.Done != r.Calls || r.Failed != 0 || r.BadContent != 0 {
		t.Errorf("%d calls, %d done, %d failed, %d wrong: %v\n%.2000s", r.Calls, r.Done, r.Failed, r.BadContent, r.Why, r.bad)
	}
	t.Logf("%d calls, %d done, %d failed, %d wrong, %d INVITEs repeated", r.Calls, r.Done, r.Failed, r.BadContent, r.RetxInvite)
}

// namespaceLife bounds a test in its namespace, in seconds.
func namespaceLife() string {
	if soak, err := time.ParseDuration(os.Getenv("SIPID_SOAK")); err == nil {
		return fmt.Sprint(int(soak.Seconds()) + 120)
	}
	if long() {
		return "2400"
	}
	return "240"
}
