package e2e_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What the agent has to see, and where the page must not believe it.
const (
	callerName  = "王小明"
	hostileName = "总机 <b>9</b>"
	hostile     = `<img src=x onerror="document.title='owned'">`
)

// The agent's page in a real browser, from the first ringing to the history: who calls is there within 300 ms, what
// the client system knows follows, and the reason when it does not.
func TestDesk(t *testing.T) {
	need(t, "chromium")
	d := newDeskRig(t, 2, false, client{id: "1009", name: hostileName, digits: 8})
	d.system.set("00000042", fmt.Sprintf(`{"姓名":%q,"note":%q,"level":3}`, callerName, hostile), http.StatusConflict)
	b := openBrowser(t, "en", 1000, 800)
	b.signIn(d.url("/desk"), "8001", agentToken("8001"))
	b.shows(time.Second, "main", "No call", "None yet")

	invite := d.call("first", "100900000042")
	d.pbx.send(d.node, invite.answer("180 Ringing", "p", "Contact: <sip:queue@pbx.example>")) // nobody's desk
	time.Sleep(50 * time.Millisecond)
	if got := d.system.claims("00000042"); len(got) != 0 {
		t.Errorf("claimed before an agent rings: %q", got)
	}
	rang := time.Now()
	d.ring(invite, "8001")
	seen := b.shows(2*time.Second, "#now .pop", "Ringing", hostileName, "1009", "00000042", "95165")
	t.Logf("from the PBX's 180 to the page: %v", seen.Sub(rang))
	if late := seen.Sub(rang); late > 300*time.Millisecond {
		t.Errorf("the pop took %v, at most 300ms are allowed", late)
	}

	// The first claim is refused, and the agent asks again, by keyboard.
	b.shows(2*time.Second, "#now .pop", "already used for another call", "Try again")
	b.do(chromedp.Focus(chromedp.CSS("#now .retry")), chromedp.KeyEvent(" "))
	b.shows(2*time.Second, "#now .pop", callerName, hostile, "level", "3")
	if got := d.system.claims("00000042"); len(got) != 2 || got[0] != "first" || got[1] != "first" {
		t.Errorf("claims by call: %q", got)
	}
	if link := evaluate[string](b, `document.querySelector("#now .crm").href`); link != "https://crm.example/call?serial=00000042&agent=8001" {
		t.Errorf("CRM link: %q", link)
	}

	d.pickUp(invite, "8001")
	b.shows(2*time.Second, "#now .pop", "On the line", callerName)
	d.pbx.send(d.node, byeTo(invite, d.rig.pbx.String()))
	b.shows(3*time.Second, "#history", hostileName, "0:0")
	b.shows(time.Second, "#idle", "No call")
	d.leftNothing(t)
}

// byeTo is the PBX's BYE for a call it got.
func byeTo(invite message, from string) string { return fromPBX(invite, from, "BYE") }

// fromPBX is a request of the PBX in a call it got, with more lines.
func fromPBX(invite message, from, method string, more ...string) string {
	lines := []string{method + " " + between(invite.lines("Contact")[0]) + " SIP/2.0",
		"Via: SIP/2.0/UDP " + from + ";branch=z9hG4bK-" + method + invite.lines("Call-ID")[0][len("Call-ID: "):], "Max-Forwards: 70"}
	for _, l := range invite.lines("Record-Route") {
		lines = append(lines, "Route: "+strings.TrimPrefix(l, "Record-Route: "))
	}
	lines = append(lines, strings.Replace(invite.lines("To")[0], "To:", "From:", 1)+";tag=p", strings.Replace(invite.lines("From")[0], "From:", "To:", 1))
	return crlf(append(append(append(lines, more...), invite.lines("Call-ID")...), "CSeq: 1 "+method, "Content-Length: 0", "", "")...)
}

// leftNothing looks for the user's data in every file of the process, and for the showing in the audit log.
func (d *deskRig) leftNothing(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("files of the rig: %q, %v", files, err)
	}
	audited := false
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{callerName, "onerror", claimToken, agentToken("8001")} {
			if bytes.Contains(content, []byte(secret)) && filepath.Base(file) != "sipid.yaml" {
				t.Errorf("%q is in %s", secret, filepath.Base(file))
			}
		}
		if strings.HasSuffix(file, "-events.db-wal") || strings.HasSuffix(file, "-events.db") {
			audited = audited || bytes.Contains(content, []byte("*****042"))
		}
	}
	if !audited {
		t.Error("the showing is not in the audit log")
	}
}

// 200 calls at once to 20 agents: each stream tells of its own ten and of no others, and so does a page.
func TestDeskOfTwentyAgents(t *testing.T) {
	need(t, "chromium")
	const agents, calls = 20, 200
	d := newDeskRig(t, agents, true)
	b := openBrowser(t, "zh-CN", 1000, 800)
	b.signIn(d.url("/desk"), "8001", agentToken("8001"))
	got, rung := make(chan shown, 10*calls), map[string]bool{}
	for i := range agents {
		d.follow(fmt.Sprint(8001+i), got)
	}
	started := time.Now()
	send := func(n int) { d.trunk.send(d.node, d.invite(fmt.Sprintf("call-%d", n), fmt.Sprintf("1001%08d", n))) }
	for n := range calls {
		serial := fmt.Sprintf("%08d", n)
		d.system.set(serial, fmt.Sprintf(`{"name":"user %s."}`, serial), 0)
		send(n)
		if n%20 == 19 { // the PBX's socket would not hold all of them
			d.ringAll(t, rung, agents, 10*time.Millisecond)
		}
	}
	for end := time.Now().Add(60 * time.Second); len(rung) < calls && time.Now().Before(end); {
		d.ringAll(t, rung, agents, 500*time.Millisecond)
		for n := range calls {
			if !rung[fmt.Sprintf("call-%d", n)] {
				send(n) // a datagram was lost: as timer A of RFC 3261 does
			}
		}
	}

	whole := map[string]bool{} // calls whose data an agent has
	for len(whole) < calls {
		select {
		case a := <-got:
			if want := agentOf(t, a.CallID, agents); a.stream != want || a.Agent != want {
				t.Fatalf("%s is on the stream of %s, it rings at %s", a.CallID, a.stream, want)
			}
			if a.Data.Status != "ok" {
				continue
			}
			if len(a.Data.Fields) != 1 || a.Data.Fields[0].Value != "user "+a.Serial+"." {
				t.Fatalf("%s has the data %q of another", a.CallID, a.Data.Fields)
			}
			whole[a.CallID] = true
		case <-time.After(20 * time.Second):
			t.Fatalf("%d of %d calls reached an agent with their data", len(whole), calls)
		}
	}
	t.Logf("%d calls with their data at %d agents in %v", calls, agents, time.Since(started))

	for n := range calls {
		if word := fmt.Sprintf("user %08d.", n); n%agents == 0 {
			b.shows(5*time.Second, "#now", word)
		} else {
			b.holdsNot(word)
		}
	}
	if n := d.metric("sipid_pop_events_dropped_total"); n != 0 {
		t.Errorf("%v events were dropped", n)
	}
}

// ringAll makes agents' phones ring for the INVITEs that came, until none comes for a while.
func (d *deskRig) ringAll(t *testing.T, rung map[string]bool, agents int, quiet time.Duration) {
	t.Helper()
	for {
		m, ok := d.pbx.tryReceive(quiet)
		if !ok {
			return
		}
		id := strings.TrimPrefix(m.lines("Call-ID")[0], "Call-ID: ")
		if strings.HasPrefix(m.text, "INVITE ") {
			rung[id] = true
			d.ring(m, agentOf(t, id, agents))
		}
	}
}

// agentOf says at which of the agents a call rings.
func agentOf(t *testing.T, callID string, agents int) string {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(callID, "call-%d", &n); err != nil {
		t.Fatalf("Call-ID %q: %v", callID, err)
	}
	return fmt.Sprint(8001 + n%agents)
}

// An agent sees nobody else's pops, a stranger none, and the supervisor the wall alone.
func TestDeskGuards(t *testing.T) {
	need(t)
	d := newDeskRig(t, 2, false)
	for _, tc := range []struct {
		path, token string
		want        int
	}{
		{"/v1/pops/stream?agent=8001", "", http.StatusUnauthorized},
		{"/v1/pops/stream?agent=8001", "wrong", http.StatusUnauthorized},
		{"/v1/pops/stream?agent=8002", agentToken("8001"), http.StatusForbidden},
		{"/v1/pops/stream?agent=8001", supervisorToken, http.StatusForbidden},
		{"/v1/wall", agentToken("8001"), http.StatusForbidden},
		{"/v1/wall", supervisorToken, http.StatusOK},
		{"/desk", "", http.StatusOK},
	} {
		request, err := http.NewRequest(http.MethodGet, d.url(tc.path), nil)
		if err != nil {
			t.Fatal(err)
		}
		if tc.token != "" {
			request.Header.Set("Authorization", "Bearer "+tc.token)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != tc.want {
			t.Errorf("%s with %q: %d, want %d", tc.path, tc.token, response.StatusCode, tc.want)
		}
	}
}

// TestDeskPictures draws the pages as docs/images has them, and checks what a picture cannot: nothing is wider than
// a small screen, and every text is in the page's language.
func TestDeskPictures(t *testing.T) {
	need(t, "chromium")
	d := newDeskRig(t, 3, true)
	zh := openBrowser(t, "zh-CN", 1000, 760)
	zh.do(chromedp.Navigate(d.url("/desk")), visible("form"))
	zh.picture("signin-zh")
	zh.signIn(d.url("/desk"), "8001", agentToken("8001"))
	en, small := openBrowser(t, "en", 1000, 760), openBrowser(t, "en", 320, 640)
	en.signIn(d.url("/desk"), "8002", agentToken("8002"))
	small.signIn(d.url("/desk"), "8003", agentToken("8003"))
	wall := openBrowser(t, "en", 1200, 800)
	wall.do(chromedp.Navigate(d.url("/desk/wall")), visible("form"), chromedp.KeyEvent(supervisorToken+"\r"))

	for n, agent := range []string{"8001", "8002", "8003"} {
		d.finished(fmt.Sprintf("ningbo-%d", n), fmt.Sprintf("1002000001%02d", n), agent)
		d.finished(fmt.Sprintf("hangzhou-%d", n), fmt.Sprintf("1001000001%02d", n), agent)
		d.finished(fmt.Sprintf("again-%d", n), fmt.Sprintf("1001000002%02d", n), agent)
	}
	d.finished("stranger", "777700000100", "8002") // not in the client table
	d.system.set("00000042", `{"姓名":"王小明","会员等级":"金卡","套餐":"企业总机 200 分钟","备注":"上周报修：宽带掉线，已派单"}`, 0)
	d.ring(d.call("zh", "100100000042"), "8001")
	zh.shows(3*time.Second, "#now .pop", "振铃中", "接入标识", "王小明")
	zh.picture("desk-zh")
	d.system.set("00000043", `{"Name":"Li Lei","Plan":"Switchboard 200","Remark":"Line was down last week, technician sent"}`, 0)
	invite := d.call("en", "100100000043")
	d.ring(invite, "8002")
	d.pickUp(invite, "8002")
	en.shows(3*time.Second, "#now .pop", "On the line", "Li Lei")
	en.picture("desk-en")
	d.ring(d.call("small", "100100000044"), "8003") // nothing is there for this serial
	small.shows(3*time.Second, "#now .pop", "does not know this serial", "Try again")
	small.picture("desk-320")
	wall.shows(5*time.Second, "#live", "3")
	wall.shows(time.Second, "main", "live calls", "92.3 %", "identified", "Ningbo")
	wall.picture("wall-en")
	wall.do(chromedp.Click(chromedp.CSS("#language")), visible("#link[data-state=connected]"))
	wall.shows(5*time.Second, "main", "当前通话", "未识别", "振铃中")
	wall.picture("wall-zh")
	for _, b := range []*browser{zh, en, small, wall} {
		if wide := evaluate[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
			t.Errorf("a page is %d pixels wider than its window: %.60q", wide, b.text("h1"))
		}
	}
	zh.do(chromedp.Click(chromedp.CSS("#language")), visible("#link[data-state=connected]"))
	zh.shows(3*time.Second, "#now .pop", "Ringing", "Access ID")
}

// finished is a call that an agent had.
func (d *deskRig) finished(id, number, agent string) {
	d.t.Helper()
	d.system.set(number[4:], `{"name":"somebody"}`, 0)
	invite := d.call(id, number)
	d.ring(invite, agent)
	d.pickUp(invite, agent)
	d.pbx.send(d.node, byeTo(invite, d.rig.pbx.String()))
	for !strings.HasPrefix(d.trunk.receiveAny(5*time.Second).text, "BYE ") {
	}
}
