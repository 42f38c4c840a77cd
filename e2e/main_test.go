package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The binaries are built once for all tests, each when the first test asks for it.
var (
	plainBinary = build{name: "sipid"}
	raceBinary  = build{name: "sipid-race", flags: []string{"-race"}}
	binDir      string
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sipid-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binDir = dir
	return m.Run()
}

type build struct {
	name  string
	flags []string
	once  sync.Once
	path  string
	err   error
}

// get compiles cmd/sipid, or takes what an outer test process has compiled (see inNamespace).
func (b *build) get(t *testing.T) string {
	t.Helper()
	b.once.Do(func() {
		if outer := os.Getenv("SIPID_E2E_BIN"); outer != "" {
			b.path = filepath.Join(outer, b.name)
			_, b.err = os.Stat(b.path)
			return
		}
		b.path = filepath.Join(binDir, b.name)
		b.err = goBuild(repoRoot(t), b.path, "./cmd/sipid", b.flags...)
	})
	if b.err != nil {
		t.Fatalf("build %s: %v", b.name, b.err)
	}
	return b.path
}

func goBuild(dir, out, pkg string, flags ...string) error {
	args := append([]string{"build", "-o", out}, flags...)
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Dir = dir
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, b)
	}
	return nil
}

func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// need skips the test where a tool is missing. scripts/test installs the tools and sets SIPID_E2E=required, so that
// nothing is skipped there without being noticed.
func need(t *testing.T, tools ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs real peers: not with -short")
	}
	var missing []string
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if os.Geteuid() != 0 {
		missing = append(missing, "root (to capture packets and to make network namespaces)")
	}
	if len(missing) == 0 {
		return
	}
	if os.Getenv("SIPID_E2E") == "required" {
		t.Fatalf("missing: %s", strings.Join(missing, ", "))
	}
	t.Skipf("missing: %s; scripts/setup installs the tools", strings.Join(missing, ", "))
}
