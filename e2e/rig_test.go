package e2e_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rig is the call centre of one test: Kamailio as the edge, sipid, and the address where the test puts its PBX.
type rig struct {
	t     *testing.T
	dir   string
	bin   string
	edge  netip.AddrPort
	node  netip.AddrPort
	pbx   netip.AddrPort
	http  string
	sipid *process
}

// client is a row of the client table.
type client struct {
	id, name, endpoint string
	digits             int
	token              string // of the claims; empty: claimToken
}

var hangzhou = client{id: "1001", name: "Hangzhou switchboard", endpoint: "https://a.example/sipid", digits: 8}

// options of a rig; the zero value is sipid behind an edge with one trunk.
type options struct {
	direct bool           // no edge: trunks send to sipid
	plain  bool           // without the race detector, where speed matters
	tcp    bool           // sipid listens on TCP, too
	tls    netip.AddrPort // sipid listens there with TLS, too; more has the certificates
	more   string         // YAML, further lines of the configuration
	body   string         // sdp, keep
	target string         // parameters of the PBX's URI
	entry  string         // YAML, further keys of its target
	group  string         // and of its group
	trunks string         // YAML, instead of the one trunk "alpha"
	csv    string         // a client table, instead of clients
}

func newRig(t *testing.T, o options, clients ...client) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), edge: at(t, edgeIP), node: at(t, nodeIP), pbx: at(t, pbxIP)}
	r.http = at(t, nodeIP).String()
	build := &raceBinary
	if o.plain {
		build = &plainBinary
	}
	r.bin = build.get(t)
	r.fill(o, clients)
	r.write("sipid.yaml", r.config(o))
	r.serve()
	if o.direct {
		r.edge = r.node
		return r
	}
	r.startEdge(r.node)
	return r
}

func (r *rig) write(name, content string) string {
	r.t.Helper()
	file := filepath.Join(r.dir, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// fill makes the client table with the command line, as an operator does.
func (r *rig) fill(o options, clients []client) {
	r.t.Helper()
	if o.csv != "" {
		command(r.t, r.dir, r.bin, "client", "import", "--db", "sipid.db", o.csv)
		return
	}
	if len(clients) == 0 {
		clients = []client{hangzhou}
	}
	for _, c := range clients {
		command(r.t, r.dir, r.bin, "client", "add", "--db", "sipid.db", "--access-id", c.id, "--name", c.name,
			"--endpoint", c.endpoint, "--serial-digits", fmt.Sprint(c.digits))
	}
}

func (r *rig) config(o options) string {
	edges := "edges: [" + edgeIP.String() + "]\n"
	if o.direct {
		edges = ""
	}
	trunks := o.trunks
	if trunks == "" {
		trunks = fmt.Sprintf("  - {name: alpha, sources: [%s/32, %s/32], identify: [isup-original-called]}\n", trunkIP, trunk2IP)
	}
	tcp := ""
	if o.tcp {
		tcp = fmt.Sprintf("  - {on: \"tcp:%s\"}\n", r.node)
	}
	if o.tls.IsValid() {
		tcp += fmt.Sprintf("  - {on: \"tls:%s\"}\n", o.tls)
	}
	body := o.body
	if body == "" {
		body = "sdp"
	}
	return fmt.Sprintf("listen:\n  - {on: \"udp:%s\"}\n%s%sdb: sipid.db\nhttp: %s\nkey_file: sipid.key\ntrunks:\n%s"+
		"pbx_groups:\n  - {name: default, body: %s, targets: [{uri: \"sip:%s%s\"%s}]%s}\n%s", r.node, tcp, edges, r.http, trunks, body, r.pbx, o.target, o.entry, o.group, o.more)
}

func (r *rig) serve() {
	r.t.Helper()
	r.sipid = start(r.t, r.dir, "sipid", r.bin, "serve", "--config", "sipid.yaml")
	r.sipid.rude = true
	r.t.Cleanup(func() {
		if bytes.Contains(r.sipid.output(), []byte("DATA RACE")) {
			r.t.Error("the race detector found something in sipid: see its log")
		}
	})
	eventually(r.t, 10*time.Second, "sipid is ready", func() bool {
		if r.sipid.exited() {
			r.t.Fatalf("sipid ended: %v", r.sipid.err)
		}
		return r.get("/readyz") == http.StatusOK
	})
}

// get asks sipid's HTTP side and returns the status, 0 when nobody answers.
func (r *rig) get(path string) int {
	c := http.Client{Timeout: time.Second}
	resp, err := c.Get("http://" + r.http + path)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// startEdge runs the shipped Kamailio configuration with the two trunks and the given nodes.
func (r *rig) startEdge(nodes ...netip.AddrPort) *process {
	r.t.Helper()
	var list strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&list, "1 sip:%s 8\n2 sip:%s 0\n", n, n)
	}
	k := startKamailio(r.t, r.dir, r.edge, list.String(), fmt.Sprintf("1 %s\n1 %s\n", trunkIP, trunk2IP))
	probe := dialUDP(r.t, netip.AddrPortFrom(trunkIP, 0))
	eventually(r.t, 10*time.Second, "kamailio answers", func() bool {
		if k.exited() {
			r.t.Fatalf("kamailio ended: %v", k.err)
		}
		probe.send(r.edge, optionsTo(r.edge, probe.addr()))
		_, ok := probe.tryReceive(200 * time.Millisecond)
		return ok
	})
	return k
}

func startKamailio(t *testing.T, dir string, edge netip.AddrPort, nodes, trunks string, args ...string) *process {
	t.Helper()
	for name, content := range map[string]string{"dispatcher.list": nodes, "address.list": trunks} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	argv := append([]string{"kamailio", "-f", filepath.Join(repoRoot(t), "kamailio", "kamailio.cfg"), "-DD", "-E", "-m", "64", "-M", "8", "-w", dir,
		"-l", "udp:" + edge.String()}, kamailioDefines(dir)...)
	return start(t, dir, "kamailio", append(argv, args...)...)
}

// kamailioDefines places the files that the configuration looks for in /etc.
func kamailioDefines(dir string) []string {
	quote := func(name, file string) string { return fmt.Sprintf("%s=%q", name, filepath.Join(dir, file)) }
	return []string{"-A", "WORKERS=2", "-A", quote("TRUNKS", "address.list"), "-A", quote("NODES", "dispatcher.list"),
		"-A", fmt.Sprintf("CTL=%q", "unix:"+filepath.Join(dir, "ctl"))}
}
