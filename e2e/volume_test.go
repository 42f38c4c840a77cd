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
	need(t, "sipp", "nft", "ip")
	if !inNamespace(t) {
		return
	}
	r := newRig(t, options{direct: true, plain: true})
	command(t, r.dir, "nft", "add table inet loss; add chain inet loss in { type filter hook input priority 0; }; "+
		"add counter inet loss dropped; add rule inet loss in meta l4proto udp numgen random mod 100 < 5 counter name dropped drop")
	c := call{IAM: iam("100100000042"), Retrans: true}
	const calls = "500"
	pbx := startSIPp(t, "pbx-answer.xml", c, r.pbx, noAddr, "-m", calls)
	trunk := startSIPp(t, "trunk-call.xml", c, at(t, trunkIP), r.node, "-m", calls, "-r", "80", "-l", "500")
	both(t, 60*time.Second, pbx, trunk)
	dropped := command(t, r.dir, "nft", "list", "counter", "inet", "loss", "dropped")
	if strings.Contains(dropped, "packets 0 ") {
		t.Errorf("nothing was dropped: %s", dropped)
	}
	t.Log(strings.Join(strings.Fields(dropped), " "))
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
	cmd := exec.Command("timeout", "120", "ip", "netns", "exec", ns, os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+t.Name(), "SIPID_E2E_BIN="+binDir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("in the namespace: %v", err)
	}
	t.Logf("%s", out)
	return false
}

// loadResult is what the loader of bench/ prints with -json, as far as it matters here.
type loadResult struct {
	Calls      int            `json:"calls"`
	Done       int            `json:"done"`
	Failed     int            `json:"failed"`
	BadContent int            `json:"bad_content"`
	Why        map[string]int `json:"why"`
}

// 200 calls/s for ten seconds, each with a random access ID of 10,000 clients and a random serial, checked one by one.
func TestLoad(t *testing.T) {
	need(t)
	loadgen := filepath.Join(repoRoot(t), "bench", "loadgen")
	if _, err := os.Stat(loadgen); err != nil {
		t.Fatal("bench/loadgen, the load generator, is missing")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "loadgen")
	if err := goBuild(loadgen, bin, "."); err != nil {
		t.Fatalf("build loadgen: %v", err)
	}
	var table, rows strings.Builder
	table.WriteString("access_id,name,endpoint\n")
	for i := range 10_000 {
		name, endpoint := fmt.Sprintf("Client %04d Ltd", i), fmt.Sprintf("sip:pbx-%04d.example.net:%d", i, 5060+i%40)
		fmt.Fprintf(&table, "%04d,%s,%s\n", i, name, endpoint)
		fmt.Fprintf(&rows, "%04d,%s,%s\n", i, endpoint, name)
	}
	r := &rig{t: t, dir: dir}
	csv := r.write("table.csv", table.String())
	r = newRig(t, options{direct: true, plain: true, csv: csv})
	out := command(t, dir, bin, "-target", r.node.String(), "-listen-uas", r.pbx.String(), "-listen-uac", at(t, trunkIP).String(),
		"-clients", (&rig{t: t, dir: dir}).write("rows.csv", rows.String()), "-expect", "job", "-cps", "200", "-duration", "10s", "-warmup", "0s", "-idle", "0s",
		"-dump-bad", filepath.Join(dir, "bad"), "-json")
	var res loadResult
	if err := json.Unmarshal([]byte(out), &res); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	if res.Calls < 1800 || res.Done != res.Calls || res.Failed != 0 || res.BadContent != 0 {
		bad, _ := os.ReadFile(filepath.Join(dir, "bad"))
		t.Errorf("%d calls, %d done, %d failed, %d wrong: %v\n%.2000s", res.Calls, res.Done, res.Failed, res.BadContent, res.Why, bad)
	}
	t.Logf("%d calls, %d failed, %d wrong", res.Calls, res.Failed, res.BadContent)
}
