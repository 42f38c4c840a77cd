package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// vasProcess is a running `sipid vas serve`.
type vasProcess struct {
	cmd *exec.Cmd
	url string
}

// startVAS starts the server on db and waits until it is ready.
func startVAS(t *testing.T, db string, env []string, flags ...string) *vasProcess {
	t.Helper()
	args := []string{"-test.run=^TestClientProcess$", "--", "vas", "serve", "--access-id", "1001", "--db", db, "--http", "127.0.0.1:0", "--misses", "0", "--claim-rate", "0"}
	p := &vasProcess{cmd: exec.Command(os.Args[0], append(args, flags...)...)}
	p.cmd.Env = append(append(os.Environ(), clientProcessEnv+"=1"), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(stderr)
	ready := regexp.MustCompile(`msg=ready http=(\S+)`)
	var seen strings.Builder
	for lines.Scan() {
		seen.WriteString(lines.Text() + "\n")
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			p.url = "http://" + m[1]
			go io.Copy(io.Discard, stderr)
			return p
		}
	}
	t.Fatalf("sipid vas serve ended before it was ready:\n%s", seen.String())
	return nil
}

// kill is kill -9: the process has no say.
func (p *vasProcess) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// post sends one request and gives status and body; status 0 is no answer.
func (p *vasProcess) post(path, body string) (int, []byte) {
	answer, err := http.Post(p.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, b
}

// issue gives the status and, with 201, the serial.
func (p *vasProcess) issue(data string) (int, string) {
	status, body := p.post("/v1/serials", `{"data":`+data+`}`)
	var a struct{ Serial string }
	if status == http.StatusCreated && json.Unmarshal(body, &a) != nil {
		return 0, ""
	}
	return status, a.Serial
}

func (p *vasProcess) claim(serial string) (int, []byte) {
	return p.post("/v1/serials/"+serial+"/claim", fmt.Sprintf(`{"claimant":"c","call_id":"call of %s"}`, serial))
}

// answered collects what was answered 201: serial to data.
type answered struct {
	*testing.T
	mu   sync.Mutex
	data map[string]string
}

func (a *answered) add(serial, data string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.data[serial]; ok {
		a.Errorf("%s was issued twice", serial)
	}
	a.data[serial] = data
}

func (a *answered) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.data)
}

// wantAll claims all of it and compares.
func (a *answered) wantAll(p *vasProcess) {
	a.Helper()
	for serial, data := range a.data {
		if status, body := p.claim(serial); status != 200 || !bytes.Equal(bytes.TrimSpace(body), []byte(`{"data":`+data+`}`)) {
			a.Errorf("%s was answered 201, its claim is %d %.100s", serial, status, body)
		}
	}
}

// flood issues from so many goroutines until each has n or the server is gone.
func (a *answered) flood(p *vasProcess, workers, n int) *sync.WaitGroup {
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range n {
				data := fmt.Sprintf(`{"worker":%d,"n":%d,"process":%q}`, w, i, p.url)
				status, serial := p.issue(data)
				switch status {
				case 201:
					a.add(serial, data)
				case 0:
					return
				default:
					a.Errorf("issue: %d", status)
				}
			}
		})
	}
	return &wg
}

// Kill -9 in the middle of issues, again and again: what was answered is there,
// nothing comes twice, and the log is no obstacle.
func TestVASKilledBetweenIssueAndClaim(t *testing.T) {
	db := filepath.Join(t.TempDir(), "vas.db")
	all := &answered{T: t, data: map[string]string{}}
	for range 4 {
		p := startVAS(t, db, nil)
		before := all.count()
		wg := all.flood(p, 8, 1_000_000)
		for end := time.Now().Add(20 * time.Second); all.count() < before+100 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		p.kill()
		wg.Wait()
	}
	if all.count() < 400 {
		t.Fatalf("only %d serials were issued", all.count())
	}
	all.wantAll(startVAS(t, db, nil))
}

// 10 000 issues from four processes on one file at once: all distinct, all there.
func TestVASFourProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("runs for some seconds")
	}
	db := filepath.Join(t.TempDir(), "vas.db")
	all := &answered{T: t, data: map[string]string{}}
	var processes []*vasProcess
	for range 4 {
		processes = append(processes, startVAS(t, db, nil))
	}
	start := time.Now()
	var waits []*sync.WaitGroup
	for _, p := range processes {
		waits = append(waits, all.flood(p, 10, 250))
	}
	for _, wg := range waits {
		wg.Wait()
	}
	t.Logf("%d issues in %v", all.count(), time.Since(start))
	if all.count() != 10_000 {
		t.Errorf("%d distinct serials, want 10000", all.count())
	}
	for _, p := range processes {
		p.kill()
	}
	list, err := exec.Command("sqlite3", db, "SELECT count(*), count(DISTINCT counter) FROM serial").Output()
	if err == nil && string(list) != "10000|10000\n" {
		t.Errorf("in the table: %s", list)
	}
}

// shim makes fsync fail while the file that SIPID_TEST_FSYNC names is there: the
// disk's own error, as the process gets it from the kernel.
const shim = `
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static int broken(void) {
	const char *path = getenv("SIPID_TEST_FSYNC");
	if (path == NULL || access(path, F_OK) != 0) return 0;
	errno = EIO;
	return 1;
}
int fsync(int fd) { return broken() ? -1 : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return broken() ? -1 : syscall(SYS_fdatasync, fd); }
`

// While fsync fails nothing is answered 201 or 200; afterwards all goes on, what
// was answered is there, and nothing comes twice, also over kill -9.
func TestVASFsyncFails(t *testing.T) {
	dir := t.TempDir()
	source, library, fault := filepath.Join(dir, "shim.c"), filepath.Join(dir, "shim.so"), filepath.Join(dir, "fault")
	if err := os.WriteFile(source, []byte(shim), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-shared", "-fPIC", "-o", library, source).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	db := filepath.Join(dir, "vas.db")
	all := &answered{T: t, data: map[string]string{}}
	for range 2 {
		p := startVAS(t, db, []string{"LD_PRELOAD=" + library, "SIPID_TEST_FSYNC=" + fault})
		for range 3 {
			all.flood(p, 4, 10).Wait()
			_, unclaimed := p.issue(`{}`)
			if err := os.WriteFile(fault, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 10 {
				if status, _ := p.issue(`{"lost":true}`); status != 503 {
					t.Errorf("issue while fsync fails: %d, want 503", status)
				}
				if status, _ := p.claim(unclaimed); status != 503 {
					t.Errorf("claim while fsync fails: %d, want 503", status)
				}
			}
			if err := os.Remove(fault); err != nil {
				t.Fatal(err)
			}
			if status, _ := p.claim(unclaimed); status != 200 {
				t.Errorf("claim after it: %d", status)
			}
		}
		p.kill()
	}
	if all.count() != 240 {
		t.Errorf("%d issues were answered, want 240", all.count())
	}
	all.wantAll(startVAS(t, db, nil))
}

// A full disk refuses issues, keeps what was answered, and is forgotten as soon
// as there is room again.
func TestVASDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		if os.Getenv("SIPID_E2E") == "required" {
			t.Fatal(err)
		}
		t.Skipf("needs root, to mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	all := &answered{T: t, data: map[string]string{}}
	p := startVAS(t, filepath.Join(dir, "vas.db"), nil)
	refused := 0
	for n := 0; refused < 10 && n < 1000; n++ {
		data := fmt.Sprintf(`{"n":%d,"x":"%s"}`, n, strings.Repeat("x", 8000))
		switch status, serial := p.issue(data); status {
		case 201:
			all.add(serial, data)
		case 503:
			refused++
		default:
			t.Fatalf("issue: %d", status)
		}
	}
	if refused < 10 || all.count() < 10 {
		t.Fatalf("%d issues, %d refused: the disk was never full", all.count(), refused)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	if status, serial := p.issue(`{"n":0}`); status != 201 {
		t.Errorf("issue with room again: %d", status)
	} else {
		all.add(serial, `{"n":0}`)
	}
	all.wantAll(p)
	p.kill()
	all.wantAll(startVAS(t, filepath.Join(dir, "vas.db"), nil))
}
