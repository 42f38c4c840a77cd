package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sipid/internal/sipsim"
)

// billingNumber is the calling number of all calls of a switchboard: it tells nobody apart.
const billingNumber = "57187654321"

// The whole method, steps S1 to S6, with a process for each party: two users of one switchboard, whose calls look alike
// but for the serial, ring at two agents, and each agent's page in Chromium shows that user.
func TestMethod(t *testing.T) {
	need(t, "chromium", "kamailio")
	m := newMethodRig(t, 2, sipsim.Script{AnswerAfter: 2 * time.Second})
	first := openBrowser(t, "zh-CN", 1000, 800)
	second := first.another(1000, 800)
	first.signIn(m.url("/desk"), "8001", agentToken("8001"))
	second.signIn(m.url("/desk"), "8002", agentToken("8002"))

	wang := m.issue("8001", `{"姓名":"王小明","会员等级":"金卡"}`)
	zhao := m.issue("8002", `{"姓名":"赵小红","会员等级":"银卡"}`)
	hangsUp, ends := m.call(wang, 3*time.Second), m.call(zhao, 3*time.Second)
	first.shows(5*time.Second, "#now .pop", "振铃中", "杭州总机", "1001", wang, billingNumber, "95165", "王小明", "金卡")
	second.shows(5*time.Second, "#now .pop", "杭州总机", "1001", zhao, billingNumber, "95165", "赵小红", "银卡")
	first.shows(5*time.Second, "#now .pop", "通话中", "王小明")
	first.holdsNot("赵小红", zhao)
	second.holdsNot("王小明", wang)
	for _, wait := range []func() error{hangsUp, ends} {
		if err := wait(); err != nil {
			t.Error(err)
		}
	}
	first.shows(5*time.Second, "#history", "杭州总机", "0:0")
	m.reachedPBX(t, wang)
	if ok := m.metric(`sipid_pop_claims_total{result="ok"}`); ok != 2 {
		t.Errorf("%v claims, want 2", ok)
	}
	for _, name := range []string{"sipid-events.db", "sipid-events.db-wal", "sipid.db", "sipid.log", "kamailio.log"} {
		content, err := os.ReadFile(filepath.Join(m.dir, name))
		if err == nil && strings.Contains(string(content), "王小明") {
			t.Errorf("the user's data are in %s", name)
		}
	}
}

// reachedPBX looks at the INVITE of a serial as the PBX got it.
func (m *methodRig) reachedPBX(t *testing.T, serial string) {
	t.Helper()
	got := m.received(serial)
	if got == nil {
		t.Fatalf("no INVITE for %s at the PBX", serial)
	}
	for name, want := range map[string]string{
		"X-Identify-Status": "resolved", "X-Access-ID": "1001", "X-Serial": serial, "X-Client-Name": "杭州总机", "X-Client-Endpoint": m.vas,
	} {
		if value, _ := got.Value(name); value != want {
			t.Errorf("%s: %q, want %q", name, value, want)
		}
	}
	if got.ContentType != "application/sdp" || got.ISUP != nil {
		t.Errorf("the PBX got %s", got.ContentType)
	}
}

// 200 such calls at the same time to 20 agents: each agent's stream, and each agent's page in Chromium, has its own ten
// users and nobody else's.
func TestMethodOfTwoHundred(t *testing.T) {
	need(t, "chromium", "kamailio")
	const agents, calls = 20, 200
	m := newMethodRig(t, agents, sipsim.Script{AnswerAfter: time.Second})
	pages, got := make([]*browser, agents), make(chan shown, 10*calls)
	for i := range agents {
		if i == 0 {
			pages[i] = openBrowser(t, "en", 800, 600)
		} else {
			pages[i] = pages[0].another(800, 600)
		}
		extension := fmt.Sprint(8001 + i)
		pages[i].signIn(m.url("/desk"), extension, agentToken(extension))
		m.follow(extension, got)
	}
	var serials [calls]string
	for n := range calls {
		serials[n] = m.issue(fmt.Sprint(8001+n%agents), fmt.Sprintf(`{"user":"user-%d."}`, n))
	}
	waits := make([]func() error, calls)
	started := time.Now()
	for n, serial := range serials {
		waits[n] = m.call(serial, 30*time.Second)
	}
	m.allHaveTheirs(t, serials[:], got)
	t.Logf("%d calls with their data at %d agents in %v", calls, agents, time.Since(started))
	if up := m.metric("sipid_pop_calls"); up != calls {
		t.Errorf("%v calls are followed, want %d at the same time", up, calls)
	}
	for i, page := range pages {
		var own []string
		for n := i; n < calls; n += agents {
			own = append(own, fmt.Sprintf("user-%d.", n), serials[n])
		}
		page.shows(10*time.Second, "#now", own...)
		text := page.text("body")
		for n, serial := range serials {
			if n%agents != i && (strings.Contains(text, serial) || strings.Contains(text, fmt.Sprintf("user-%d.", n))) {
				t.Errorf("the page of %d shows the user of call %d", 8001+i, n)
			}
		}
	}
	for _, wait := range waits {
		if err := wait(); err != nil {
			t.Error(err)
		}
	}
	if ok := m.metric(`sipid_pop_claims_total{result="ok"}`); ok != calls {
		t.Errorf("%v claims, want %d: one for each call", ok, calls)
	}
}

// allHaveTheirs reads the streams until every call is with its agent, with its user's data; what is on another's stream
// fails the test.
func (m *methodRig) allHaveTheirs(t *testing.T, serials []string, got <-chan shown) {
	t.Helper()
	number := map[string]int{}
	for n, serial := range serials {
		number[serial] = n
	}
	for whole, limit := map[string]bool{}, time.After(60*time.Second); len(whole) < len(serials); {
		select {
		case a := <-got:
			want := m.agents[a.Serial]
			if a.stream != want || a.Agent != want {
				t.Fatalf("%s is on the stream of %s, it rings at %s", a.Serial, a.stream, want)
			}
			if a.Data.Status != "ok" {
				continue
			}
			if user := fmt.Sprintf("user-%d.", number[a.Serial]); len(a.Data.Fields) != 1 || a.Data.Fields[0].Value != user {
				t.Fatalf("%s has the data %q, want %q", a.Serial, a.Data.Fields, user)
			}
			whole[a.Serial] = true
		case <-limit:
			t.Fatalf("%d of %d calls reached an agent with their data", len(whole), len(serials))
		}
	}
}
