package main_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	main "sipid/cmd/sipid"
	"sipid/daemon/daemontest"
)

func TestDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	// What the environment says about other commands is not for the demo.
	t.Setenv("SIPID_CLIENT_DISABLED", "true")
	t.Setenv("SIPID_DB", "/nowhere/sipid.db")
	t.Setenv("SIPID_VAS_DB", "/nowhere/vas.db")
	var stdout, stderr bytes.Buffer
	if code := main.Run(context.Background(), []string{"sipid", "demo"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s\n%s", code, &stderr, &stdout)
	}
	for _, want := range []string{
		"\n - X-Client-Name: Somebody Else\n", "\n - Content-Disposition: signal;handling=required\n", "original called number",
		"\n + X-Client-Name: Hangzhou switchboard\n", "\n + X-Access-ID: 1001\n", "\n   Content-Type: application/sdp\n",
		"\n   c=IN IP4 127.0.0.1\n", " was claimed by \"sipid\" for call ", "ok   name: 王小明  level: gold  menu: 0\n", "It works.\n",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("demo does not print %q:\n%s", want, &stdout)
		}
	}
	if n := strings.Count(stdout.String(), "\n"); n > 100 { // 95, and what is sent again on a loaded machine
		t.Errorf("%d lines: that is more than a screen and a half", n)
	}
	leftNothing(t)
}

func leftNothing(t *testing.T) {
	t.Helper()
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) != 0 {
		t.Errorf("demo leaves %v (%v)", left, err)
	}
}

// TestDemoKeep does what the demo says can be done while it runs, then ends it.
func TestDemoKeep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	stdout, code := &daemontest.Buffer{}, make(chan int, 1)
	go func() { code <- main.Run(ctx, []string{"sipid", "demo", "--keep"}, stdout, stdout) }()
	said := regexp.MustCompile(`(?s)Still running.* desk +(http://\S+)\n.* extension (\d+) and token (\S+)\n.*next call +(sipid call .*? --hold) 20s\n.*\n +(sipid vas issue .*?) name=\.\.\.\n`)
	daemontest.Within(t, 20*time.Second, "the demo waits", func() bool { return said.MatchString(stdout.String()) })
	m := said.FindStringSubmatch(stdout.String())

	for token, want := range map[string]int{m[3]: http.StatusOK, "another": http.StatusUnauthorized} {
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.Replace(m[1], "/desk", "/v1/pops/stream?agent="+m[2], 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("the stream answers %s", response.Status)
		}
	}
	for _, line := range []string{m[4] + " 1ms", m[5] + " name=x"} {
		var out bytes.Buffer
		if code := main.Run(context.Background(), strings.Fields(line), &out, &out); code != 0 {
			t.Errorf("%s: exit %d: %s", line, code, &out)
		}
	}
	interrupt()
	select {
	case got := <-code:
		if got != 0 {
			t.Errorf("exit %d:\n%s", got, stdout)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the demo does not end")
	}
	leftNothing(t)
}

func TestDemoInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	t.Setenv("TMPDIR", t.TempDir())
	var stdout, stderr bytes.Buffer
	if code := main.Run(ctx, []string{"sipid", "demo"}, &stdout, &stderr); code != 1 {
		t.Errorf("exit %d\n%s", code, &stdout)
	}
	leftNothing(t)
}
