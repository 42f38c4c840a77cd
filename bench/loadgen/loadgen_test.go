package main_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	main "sipid/bench/loadgen"
	"sipid/isupbody"
)

// TestAgainstForwarder shows that the generator sees what is wrong: a peer that
// is no proxy, one that does not do the job, and lost packets.
func TestAgainstForwarder(t *testing.T) {
	for _, c := range []struct {
		name          string
		forwarderArgs []string
		args          []string
		check         func(o outcome) bool
	}{
		{"good", nil, []string{"-expect", "fwd"}, through},
		{"either side hangs up", nil, []string{"-expect", "fwd", "-bye", "mix"}, through},
		{"no delays", nil, []string{"-expect", "fwd", "-ring", "0s", "-talk", "0s", "-arrival", "uniform"}, through},
		{"plain SDP", nil, []string{"-expect", "fwd", "-body", "sdp"}, through},
		{"no proxy", nil, []string{"-expect", "relay"}, allWrong("bad_no_record_route")},
		{"no job", nil, []string{"-expect", "job"}, allWrong("bad_x_access_id")},
		{"packets lost", []string{"-drop", "0.03"}, []string{"-expect", "fwd"}, func(o outcome) bool {
			return o.Failed == 0 && o.Done == o.Calls && o.RetxInvite+o.Retx200+o.RetxBye > 0
		}},
		{"all packets lost", []string{"-drop", "1"}, []string{"-expect", "fwd", "-timeout", "1s"}, func(o outcome) bool {
			return o.Failed == o.Calls && o.Done == 0 && o.Why["timeout_no_answer_at_all"] == o.Calls && o.RetxInvite > o.Calls
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newEnds()
			forwarder(t, e, c.forwarderArgs...)
			if o, _ := load(t, e, append(c.args, "-reply", "source")...); !c.check(o) {
				t.Errorf("%+v", o)
			}
		})
	}
}

func through(o outcome) bool { return o.Failed == 0 && o.Done == o.Calls && len(o.Why) == 0 }

func allWrong(why string) func(outcome) bool {
	return func(o outcome) bool { return o.Failed == o.Calls && o.BadContent == o.Calls && o.Why[why] == o.Calls }
}

// TestJob gives every check of a forwarded INVITE something to find.
func TestJob(t *testing.T) {
	replace := func(name, value string) func([]string, string) ([]string, string) {
		return func(head []string, body string) ([]string, string) {
			head = without(head, name)
			if value != "" {
				head = append(head, name+": "+value)
			}
			return head, body
		}
	}
	for why, spoil := range map[string]func([]string, string) ([]string, string){
		"":                    func(h []string, b string) ([]string, string) { return h, b },
		"bad_x_access_id":     replace("X-Access-ID", "1"),
		"bad_x_serial":        replace("X-Serial", "42"),
		"bad_x_endpoint":      replace("X-Client-Endpoint", ""),
		"bad_x_name":          replace("X-Client-Name", "another"),
		"bad_x_status":        replace("X-Identify-Status", "ambiguous"),
		"bad_x_source":        replace("X-Identify-Source", "diversion"),
		"bad_content_type":    replace("Content-Type", "application/sdpx"),
		"bad_no_record_route": replace("Record-Route", ""),
		"bad_max_forwards":    replace("Max-Forwards", "70"),
		"bad_x_twice":         func(h []string, b string) ([]string, string) { return append(h, "x-ACCESS-id: 0001"), b },
		"bad_via_count":       func(h []string, b string) ([]string, string) { return append(h, h[1]), b },
		"bad_body":            func(h []string, b string) ([]string, string) { return h, b + "\r\n" },
		"bad_isup_left":       func(h []string, b string) ([]string, string) { return h, b + "application/isup" },
	} {
		t.Run(strings.TrimPrefix("good"+why, "good"), func(t *testing.T) {
			t.Parallel()
			e := newEnds()
			(&jobProxy{e: e, spoil: spoil}).start(t)
			o, exit := load(t, e, "-strict", "-bye", "mix")
			switch {
			case why == "" && (!through(o) || exit != 0):
				t.Errorf("exit %d, %+v", exit, o)
			case why != "" && (o.Why[why] != o.Calls || o.BadContent != o.Calls || exit != 1):
				t.Errorf("exit %d, %+v", exit, o)
			}
		})
	}
}

// A proxy that gives every call the identity of the one before, which is right in
// itself: no call gets through as right but by chance.
func TestSwappedIdentity(t *testing.T) {
	t.Parallel()
	identity := []string{"X-Access-ID", "X-Serial", "X-Client-Name", "X-Client-Endpoint"}
	var previous []string
	swap := func(head []string, body string) ([]string, string) {
		own := only(head, identity...)
		if previous != nil {
			head = append(without(head, identity...), previous...)
		}
		previous = own
		return head, body
	}
	e := newEnds()
	(&jobProxy{e: e, spoil: swap}).start(t)
	o, exit := load(t, e, "-strict", "-t1", "5s")
	if o.BadContent < o.Calls-1 || o.Failed != o.BadContent || exit != 1 {
		t.Errorf("exit %d, %+v", exit, o)
	}
}

// Every copy of an INVITE is looked at, not the first alone.
func TestWrongCopy(t *testing.T) {
	t.Parallel()
	e := newEnds()
	(&jobProxy{e: e, twice: true, spoil: func(head []string, body string) ([]string, string) {
		return append(without(head, "X-Serial"), "X-Serial: 42"), body
	}}).start(t)
	o, exit := load(t, e, "-strict")
	if o.BadContent != o.Calls || o.Why["bad_x_serial"] != o.Calls || exit != 1 {
		t.Errorf("exit %d, %+v", exit, o)
	}
}

// The trunk must get the SDP of the PBX; answers with ISUP are counted, which shows whether a peer adds it.
func TestAnswer(t *testing.T) {
	unchanged := func(head []string, body string) ([]string, string) { return head, body }
	for name, c := range map[string]struct {
		answer func(head []string, body string) ([]string, string)
		check  func(o outcome) bool
	}{
		"as it came":  {unchanged, func(o outcome) bool { return through(o) && o.ISUPAnswers == 0 }},
		"with ISUP":   {func(h []string, b string) ([]string, string) { return h, b + "Content-Type: application/ISUP" }, func(o outcome) bool { return through(o) && o.ISUPAnswers == o.Calls }},
		"without SDP": {func(h []string, b string) ([]string, string) { return h, "" }, allWrong("bad_answer_sdp")},
		"another SDP": {func(h []string, b string) ([]string, string) { return h, strings.Replace(b, "30000", "30002", 1) }, allWrong("bad_answer_sdp")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnds()
			(&jobProxy{e: e, spoil: unchanged, answer: c.answer}).start(t)
			if o, _ := load(t, e); !c.check(o) {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestClients(t *testing.T) {
	list, err := main.ReadClients(strings.NewReader("\ufeff" + table))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		id, name, endpoint, digits := c.Row()
		got = append(got, fmt.Sprintf("%s|%s|%s|%d", id, name, endpoint, digits))
	}
	want := "[0001|Client 1 Ltd|https://a.example/sipid|8 1002|\u676d\u5dde 100%25|https://b.example/sipid|6]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %v", got, want)
	}
	for name, csv := range map[string]string{
		"empty":             "",
		"no rows":           "access_id,name,endpoint\n",
		"no header":         "0001,https://a.example,x\n",
		"a column short":    "access_id,name,endpoint\n0001,x\n",
		"ID not decimal":    "access_id,name,endpoint\n1x,x,y\n",
		"ID empty":          "access_id,name,endpoint\n,x,y\n",
		"digits no number":  "access_id,name,endpoint,serial_digits\n1,x,y,z\n",
		"digits too many":   "access_id,name,endpoint,serial_digits\n1,x,y,19\n",
		"all rows disabled": "access_id,name,endpoint,enabled\n1,x,y,false\n",
	} {
		if list, err := main.ReadClients(strings.NewReader(csv)); err == nil {
			t.Errorf("%s: %v", name, list)
		}
	}
}

// TestIAM has the product's own decoder read what the generator writes.
func TestIAM(t *testing.T) {
	for _, c := range [][3]string{{"95165", "057100000042", "000100000042"}, {"951650", "057112345", "1002123456789"}, {"1", "2", "3"}} {
		octets := main.AppendIAM(nil, []byte(c[0]), []byte(c[1]), []byte(c[2]))
		m, err := isupbody.Decode(octets, isupbody.VariantITU)
		if err != nil {
			t.Fatalf("% x: %v", octets, err)
		}
		called, err1 := m.CalledPartyNumber()
		calling, err2 := m.CallingPartyNumber()
		original, err3 := m.OriginalCalledNumber()
		got := [3]string{string(called.AppendDigits(nil)), string(calling.AppendDigits(nil)), string(original.AppendDigits(nil))}
		if err1 != nil || err2 != nil || err3 != nil || got != c || !called.ST() {
			t.Errorf("% x: %q, want %q (%v %v %v)", octets, got, c, err1, err2, err3)
		}
	}
}

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		exit int
		says string
	}{
		"help":            {"-h", 0, "-target"},
		"unknown flag":    {"-x", 2, "-x"},
		"argument":        {"x", 2, `"x"`},
		"no address":      {"-target here", 2, "-target"},
		"not loopback":    {"-listen-uas 192.0.2.1:5060", 2, "loopback"},
		"no such answer":  {"-expect more", 2, "-expect"},
		"no rate":         {"-cps 0", 2, "-cps"},
		"no time":         {"-duration 0s", 2, "-duration"},
		"no sockets":      {"-uac-socks 0", 2, "-uac-socks"},
		"too many hops":   {"-hops 9", 2, "-hops"},
		"too many calls":  {"-cps 1000000", 2, "-max-calls"},
		"no process":      {"-pids x", 2, "-pids"},
		"no client table": {"-clients /nowhere", 1, "/nowhere"},
	} {
		var stdout, stderr bytes.Buffer
		if exit := main.Run(strings.Fields(c.args), &stdout, &stderr); exit != c.exit || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: exit %d, %q", name, exit, &stderr)
		}
	}
}
