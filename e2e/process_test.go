package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// maxLife bounds a process even when the test binary itself is killed and can clean up nothing.
const (
	maxLife     = "240"
	maxLifeLong = "7200" // of the tests that SIPID_LONG asks for
)

// logTail is how much of each log a failed test shows.
const logTail = 6000

type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	more []string // further files to show when the test fails
	done chan struct{}
	err  error
	// rude: killed at the end of the test without being asked, because it would take its time to finish what it does.
	rude bool
}

// start runs a command in its own process group, with its output in a file that is shown when the test fails.
func start(t *testing.T, dir, name string, argv ...string) *process {
	t.Helper()
	p := &process{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	life := maxLife
	if long() {
		life = maxLifeLong
	}
	if soak := os.Getenv("SIPID_SOAK"); soak != "" {
		life = namespaceLife()
	}
	// In the foreground timeout signals the command alone and once; otherwise also its group, so that it came twice.
	p.cmd = exec.Command("timeout", append([]string{"--foreground", "--kill-after=2", life}, argv...)...)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		if p.rude {
			p.kill()
		}
		p.stop()
		if t.Failed() {
			p.show(t)
		}
	})
	return p
}

// stop ends the process and all of its children: politely first, since Kamailio has to tell its workers and dumpcap
// has to flush its file.
func (p *process) stop() {
	p.terminate()
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
	}
	p.kill()
}

// terminate asks the process to end: one SIGTERM, which timeout passes on. The error is that it has ended already.
func (p *process) terminate() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

// kill ends the whole group. The error is that it is gone, which is what is wanted.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// wait returns how the process ended, or an error when it did not within the time.
func (p *process) wait(d time.Duration) error {
	select {
	case <-p.done:
	case <-time.After(d):
		return fmt.Errorf("%s still runs after %v", p.name, d)
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w", p.name, p.err)
	}
	return nil
}

func (p *process) exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *process) output() []byte {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return nil
	}
	return b
}

func (p *process) show(t *testing.T) {
	for _, f := range append([]string{p.log}, p.more...) {
		b, err := os.ReadFile(f)
		if err != nil || len(b) == 0 {
			continue
		}
		if len(b) > logTail {
			b = append([]byte("…"), b[len(b)-logTail:]...)
		}
		t.Logf("---- %s: %s\n%s", p.name, filepath.Base(f), bytes.ToValidUTF8(b, []byte("?")))
	}
}

// command runs a short command to its end.
func command(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	out, err := tryCommand(dir, argv...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(argv, " "), err)
	}
	return out
}

func tryCommand(dir string, argv ...string) (string, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), errors.Join(err, errors.New(stderr.String()))
	}
	return stdout.String(), nil
}

// eventually polls until ok, and fails the test when it is not within the time.
func eventually(t *testing.T, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(15 * time.Millisecond) {
		if ok() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", d, what)
		}
	}
}
