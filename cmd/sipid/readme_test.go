package main_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
	"sipid/report"
)

// explained are the commands and outputs of `route explain` in a README.
func explained(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, block := range strings.Split(string(text), "```\n") {
		command, output, _ := strings.Cut(block, "\n")
		if args, ok := strings.CutPrefix(command, "$ sipid route explain "); ok {
			found[args] = output
		}
	}
	if len(found) != 2 {
		t.Fatalf("%s explains %d calls, want one that works and one that does not", path, len(found))
	}
	return found
}

// TestReadmeExplain: what the READMEs show is what the command prints, and what
// a serve with the same client decides when it is asked.
func TestReadmeExplain(t *testing.T) {
	pbx, _ := daemontest.StartPBX(t, sipsim.Script{})
	d := daemontest.Start(t, pbx, "1s")
	statuses := map[string]int{}
	sipid(t, "client", "add", "--db", d.DB, "--access-id", "1001", "--name", "Hangzhou switchboard", "--endpoint", "http://127.0.0.1:8070")
	daemontest.Within(t, 3*time.Second, "the client is live", func() bool { _, h := d.Ready(t); return h.Table.Rows == 1 })
	for _, path := range []string{"../../README.md", "../../README.zh-CN.md"} {
		for args, want := range explained(t, path) {
			line := append([]string{"route", "explain", "--db", d.DB}, strings.Fields(args)...)
			if got := sipid(t, line...); got != want {
				t.Errorf("%s: %s:\n%s\nprinted is\n%s", path, args, want, got)
			}
			offline := explainJSON(t, line[2:]...)
			live := explainJSON(t, append([]string{"--url", "http://" + d.HTTP.String()}, strings.Fields(args)...)...)
			if live.Status != offline.Status || live.AccessID != offline.AccessID || live.Serial != offline.Serial || live.Target != pbx {
				t.Errorf("serve says %+v, offline it is %+v", live, offline)
			}
			statuses[offline.Status]++
		}
	}
	if len(statuses) != 2 || statuses["resolved"] != 2 {
		t.Errorf("explained are %v", statuses)
	}
}

// TestCalls: a call of each kind, seen by list and show, masked and not.
func TestCalls(t *testing.T) {
	pbx, _ := daemontest.StartPBX(t, sipsim.Script{})
	d := daemontest.Start(t, pbx, "1s")
	sipid(t, "client", "add", "--db", d.DB, "--access-id", "1001", "--name", "Hangzhou", "--endpoint", "http://127.0.0.1:8070")
	daemontest.Within(t, 3*time.Second, "the client is live", func() bool { _, h := d.Ready(t); return h.Table.Rows == 1 })
	sipid(t, "call", "--to", d.SIP[0].String(), "--access-id", "1001", "--serial", "00000042", "--calling", "057112345678", "--hold", "50ms")
	sipid(t, "call", "--to", d.SIP[0].String(), "--access-id", "1009", "--serial", "00000042", "--hold", "50ms")
	url := []string{"--url", "http://" + d.HTTP.String()}
	list := sipid(t, append([]string{"calls", "list", "-o", "csv"}, url...)...)
	if !strings.Contains(list, ",resolved,isup-original-called,1001,00****42,default,default,"+pbx+",ended,200,") || strings.Count(list, "\n") != 3 {
		t.Errorf("list\n%s", list)
	}
	if one := sipid(t, append([]string{"calls", "list", "-o", "csv", "--status", "unknown-access-id"}, url...)...); strings.Count(one, "\n") != 2 {
		t.Errorf("filtered\n%s", one)
	}
	masked := sipid(t, append([]string{"calls", "show", "1"}, url...)...)
	for _, number := range []string{"57112345678", "00000042", "100100000042", "7511325476"} {
		if strings.Contains(masked, number) {
			t.Errorf("%s is in\n%s", number, masked)
		}
	}
	for _, part := range []string{"IAM: initial address", "-> trunk", "BYE", "PCMA/8000", "permission"} {
		if !strings.Contains(masked, part) {
			t.Errorf("no %q in\n%s", part, masked)
		}
	}
	if full := sipid(t, append([]string{"calls", "show", "1", "--unmask"}, url...)...); !strings.Contains(full, "57112345678") || !strings.Contains(full, `"100100000042"`) {
		t.Errorf("unmasked\n%s", full)
	}
}

func TestMask(t *testing.T) {
	for number, want := range map[string]string{
		"": "", "95165": "95165", "123456": "1****6", "00000042": "00****42", "13800138000": "138******00", "057112345678": "057*******78",
	} {
		if got := report.Mask(number); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
	if got := report.MaskText(`sip:+8613800138000@10.1.0.7:5060 0310011000000024 facade 10010001`, "10010001"); got != `sip:+861********00@10.1.0.7:5060 031***********24 facade 10010001` {
		t.Errorf("%s", got)
	}
}
