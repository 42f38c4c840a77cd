package e2e_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tortureDriver plays trunk and PBX to a real `sipid serve`.
type tortureDriver struct {
	t     *testing.T
	rig   *rig
	body  string // of the PBX group: sdp or keep
	node  netip.AddrPort
	pbx   *torturePBX
	files messages

	tags  sync.Map // of this run's messages → *tortureCase
	next  atomic.Uint32
	known sync.Map // netip.AddrPort: where sipid may send
}

// tortureWait is how long an entry may take to be decided. Nothing waits that long unless sipid says nothing.
const tortureWait = 1200 * time.Millisecond

func newTortureDriver(t *testing.T, body string) *tortureDriver {
	t.Helper()
	trunks := fmt.Sprintf("  - {name: torture, sources: [%s/32], identify: [isup-original-called]}\n", trunkIP)
	other := client{id: "1002", name: "Another", endpoint: "https://b.example/sipid", digits: 8}
	d := &tortureDriver{t: t, body: body, files: findMessages(t)}
	d.rig = newRig(t, options{direct: true, tcp: true, body: body, trunks: trunks}, hangzhou, other)
	d.node = d.rig.node
	d.pbx = newTorturePBX(t, d.rig.pbx, d.arrived)
	d.known.Store(d.rig.pbx, true)
	return d
}

var tagInText = regexp.MustCompile(`zq[0-9a-z]{5}q`)

// newTag makes the tag by which a message of the case is known wherever it turns up. It is as long as its placeholder,
// so that lengths that are written in messages stay right.
func (d *tortureDriver) newTag(c *tortureCase) string {
	s := strconv.FormatUint(uint64(d.next.Add(1)), 36)
	tag := "zq" + strings.Repeat("0", 5-len(s)) + s + "q"
	d.tags.Store(tag, c)
	return tag
}

// arrived gives what came to the PBX to its case.
func (d *tortureDriver) arrived(a arrival) {
	for _, tag := range tagInText.FindAllString(a.text, -1) {
		if c, ok := d.tags.Load(tag); ok {
			c.(*tortureCase).onPBX(a)
			return
		}
	}
	if !strings.HasPrefix(a.text, "ACK ") && codeOf(a.text) == 0 {
		a.reply(answerBy(a.text, "486 Busy Here", "stray"))
	}
}

// tortureCase is one entry being played.
type tortureCase struct {
	d       *tortureDriver
	e       *tortureEntry
	network string // by which it is sent: the entry's own, or the other one
	tag     string
	sent    string
	caller  *tortureCaller

	mu   sync.Mutex
	auto bool // the PBX refuses what comes
	sink func(arrival)
	fw   []arrival // what came to the PBX, without ACKs to refusals
	bad  []string  // what is wrong
}

func (d *tortureDriver) newCase(e *tortureEntry, network string) *tortureCase {
	c := &tortureCase{d: d, e: e, network: network, auto: true}
	c.tag = d.newTag(c)
	return c
}

func (c *tortureCase) fail(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bad = append(c.bad, fmt.Sprintf(format, args...))
}

// onPBX takes one message at the PBX.
func (c *tortureCase) onPBX(a arrival) {
	c.mu.Lock()
	sink, auto, method := c.sink, c.auto, methodOf(a.text)
	if sink == nil && codeOf(a.text) == 0 && !strings.HasPrefix(a.text, "SIP/2.0") && (method != "ACK" || methodOf(c.sent) == "ACK") {
		c.fw = append(c.fw, a)
	}
	c.mu.Unlock()
	switch {
	case sink != nil:
		sink(a)
	case auto && method != "ACK" && !strings.HasPrefix(a.text, "SIP/2.0"):
		a.reply(answerBy(a.text, "486 Busy Here", "torturepbx"))
	}
}

// forwarded is what came to the PBX until now.
func (c *tortureCase) forwarded() []arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]arrival(nil), c.fw...)
}

// dial opens the caller's socket.
func (c *tortureCase) dial() error {
	caller, err := c.d.dial(c.network, trunkIP)
	if err != nil {
		return err
	}
	caller.onFinal = func(m string) {
		uri := "sip:95165@127.0.0.1"
		if s := requestURI.FindStringSubmatch(c.sent); s != nil {
			uri = s[1]
		}
		_ = caller.send(tortureAck(m, uri, "")) // over a connection that is gone there is nothing to acknowledge
	}
	c.caller = caller
	return nil
}

var requestURI = regexp.MustCompile(`^\S+ ([a-z]+:[^\s<>]+) SIP`)

// prepare fills the placeholders of a message, and gives a standard's message branch and Call-ID of this run.
func (c *tortureCase) prepare(raw, tag string) string {
	raw = strings.NewReplacer("@PROXY@", c.d.node.String(), "@ME@", c.caller.me.String(), "@TAGTAG@", tag).Replace(raw)
	if c.e.standard() && !strings.HasPrefix(raw, "SIP/") {
		raw = freshen(raw, tag, c.network == "udp")
	}
	if c.network != c.e.Transport {
		raw = strings.Replace(raw, "SIP/2.0/UDP", "SIP/2.0/TCP", 1)
	}
	return raw
}

var (
	topVia     = regexp.MustCompile(`(?im)^v(?:ia)?[ \t]*:((?:"[^"]*"|\r\n[ \t]|[^,\r])*)`)
	itsBranch  = regexp.MustCompile(`(branch\s*=\s*)(z9hG4bK)?([^;,\s]+)`)
	itsCallID  = regexp.MustCompile(`(?im)^((?:call-id|i)[ \t]*:\s*)(\S+)`)
	onlyCookie = "z9hG4bK"
)

// freshen makes a standard's message unique for this run, and answerable over UDP by rport.
func freshen(raw, tag string, udp bool) string {
	head, rest, _ := strings.Cut(raw, "\r\n\r\n")
	if at := topVia.FindStringSubmatchIndex(head); at != nil {
		via := head[at[2]:at[3]]
		if b := itsBranch.FindStringSubmatchIndex(via); b != nil && via[b[2]:b[1]] != onlyCookie && !strings.HasSuffix(via[b[0]:b[1]], "="+onlyCookie) {
			via = via[:b[1]] + tag + via[b[1]:]
		}
		if udp && !strings.Contains(via, "rport") {
			k := strings.IndexByte(via, ';')
			if k < 0 {
				k = len(strings.TrimRight(via, " \t"))
			}
			via = via[:k] + ";rport" + via[k:]
		}
		head = head[:at[2]] + via + head[at[3]:]
	}
	return itsCallID.ReplaceAllString(head, "${1}${2}"+tag) + "\r\n\r\n" + rest
}

// finals are the final responses the caller got; own are those among them that sipid gave itself.
func (c *tortureCase) finals() []string {
	var list []string
	for _, m := range c.caller.answers() {
		if codeOf(m) >= 200 {
			list = append(list, m)
		}
	}
	return list
}

func (c *tortureCase) fromPBX(m string) bool {
	return strings.Contains(valueOf(m, "to"), "torturepbx") || codeOf(m) == 486 && len(c.forwarded()) > 0
}

func (c *tortureCase) ownCodes() []int {
	var codes []int
	for _, m := range c.finals() {
		if !c.fromPBX(m) {
			codes = append(codes, codeOf(m))
		}
	}
	return codes
}

// processed are the messages that were served, forwarded or answered, by what their Call-ID has besides the tag.
func (c *tortureCase) processed() map[string]bool {
	done := make(map[string]bool)
	for _, a := range c.forwarded() {
		done[strings.TrimRight(tagInText.ReplaceAllString(valueOf(a.text, "call-id"), ""), "-")] = true
	}
	for _, m := range c.finals() {
		done[strings.TrimRight(tagInText.ReplaceAllString(valueOf(m, "call-id"), ""), "-")] = true
	}
	return done
}

// until waits for the condition, for d at most.
func (c *tortureCase) until(d time.Duration, ok func() bool) bool {
	for end := time.Now().Add(d); !ok(); {
		left := time.Until(end)
		if left <= 0 {
			return false
		}
		select {
		case <-c.caller.changed:
		case <-time.After(min(left, 5*time.Millisecond)):
		}
	}
	return true
}

// tortureGrace is for what comes too much: a second answer, a second message at the PBX.
const tortureGrace = 100 * time.Millisecond
