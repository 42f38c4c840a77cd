package main

import (
	"bytes"
	"hash/fnv"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

// answeringSide is the agent PBX: it checks what arrives and answers.
type answeringSide struct {
	g       *generator
	m       message
	arena   arena
	scratch []byte
}

func (u *answeringSide) packet(p []byte, src *address, at int64) {
	g := u.g
	g.count.packetsIn.Add(1)
	if !u.m.parse(p) {
		g.count.stray.Add(1)
		return
	}
	i, c := g.find(u.m.callID)
	if c == nil {
		g.count.stray.Add(1)
		return
	}
	defer c.mu.Unlock()
	if !u.m.request {
		if string(u.m.method) == "BYE" && u.m.status >= 200 {
			g.byeDone(c, &u.m, at)
		}
		return
	}
	switch string(u.m.method) {
	case "INVITE":
		u.invite(i, c, p, src, at)
	case "ACK":
		u.ack(i, c, p)
	case "BYE":
		u.bye(c, p, src)
	default:
		g.count.stray.Add(1)
	}
}

func (u *answeringSide) invite(i int, c *call, p []byte, src *address, at int64) {
	g := u.g
	u.check(c, p)
	h := fnv.New64a()
	h.Write(u.m.vias[0])
	if c.seen {
		if h.Sum64() != c.viaHash {
			g.flag(c, twoBranches, p) // not a retransmission: a second call for one
		}
		u.again(c)
		return
	}
	c.seen, c.viaHash = true, h.Sum64()
	if c.measured {
		g.delays.add(delayPostDial, at-c.started)
	}
	c.answerTo = *g.replyTo(&u.m, src)
	u.prepare(i, c)
	g.send(g.uas, c.ringing, &c.answerTo)
	later(&g.answers, g.c.ring, i, c, g.answer)
}

// check looks at every copy of an INVITE: which of them a PBX would take is not ours to say.
func (u *answeringSide) check(c *call, p []byte) {
	g := u.g
	if c.wrong != good {
		return
	}
	if why := g.check(c, &u.m, p); why != good {
		g.flag(c, why, p)
	} else if g.c.dumpGood != "" {
		g.dumpGood.Do(func() { dump(g.c.dumpGood, p) })
	}
}

// again answers a repeated INVITE with what it got before.
func (u *answeringSide) again(c *call) {
	u.g.count.againInvite.Add(1)
	switch {
	case c.acked:
	case c.answerAt > 0:
		u.g.send(u.g.uas, c.ok, &c.answerTo)
	default:
		u.g.send(u.g.uas, c.ringing, &c.answerTo)
	}
}

// prepare makes the 180, the 200 and, if this side hangs up, the BYE.
func (u *answeringSide) prepare(i int, c *call) {
	g := u.g
	r := reply{status: "180 Ringing", tag: "s" + strconv.Itoa(i), extra: "Contact: <sip:agent@" + g.uas.text + ">\r\n"}
	u.scratch = appendReply(u.scratch[:0], &u.m, r)
	c.ringing = u.arena.keep(u.scratch)
	r.status, r.body = "200 OK", g.sdp
	u.scratch = appendReply(u.scratch[:0], &u.m, r)
	c.ok = u.arena.keep(u.scratch)
	if c.byUAS {
		u.scratch = g.appendAnswererBye(u.scratch[:0], i, &u.m, r.tag)
		c.bye = u.arena.keep(u.scratch)
	}
}

func (u *answeringSide) ack(i int, c *call, p []byte) {
	g := u.g
	if u.m.routeCount > 0 && g.c.expect != expectFwd {
		g.flag(c, routeLeft, p)
	}
	if c.acked {
		if c.byeFirst {
			c.byeFirst = false
		} else {
			g.count.againACK.Add(1)
		}
		return
	}
	c.acked = true
	if c.byUAS {
		later(&g.hangups, g.c.talk, i, c, g.hangup)
	}
}

func (u *answeringSide) bye(c *call, p []byte, src *address) {
	g := u.g
	if u.m.routeCount > 0 && g.c.expect != expectFwd {
		g.flag(c, routeLeft, p)
	}
	if c.byeAnswered {
		g.count.againBye.Add(1)
	}
	c.byeAnswered = true
	if !c.acked { // the ACK is late or lost; the BYE ends the wait for it
		g.count.byeFirst.Add(1)
		c.acked, c.byeFirst = true, true
	}
	u.scratch = appendReply(u.scratch[:0], &u.m, reply{status: "200 OK"})
	g.send(g.uas, u.scratch, g.replyTo(&u.m, src))
}

// viaCache holds the last sent-by that was read: there is one proxy.
type viaCache struct {
	mu   sync.Mutex
	text string
	addr address
}

// replyTo is where an answer goes: the top Via's sent-by, with rport the
// packet's source (RFC 3581), or with -reply source always that.
func (g *generator) replyTo(m *message, src *address) *address {
	_, v, ok := bytes.Cut(m.vias[0], []byte(" "))
	if g.c.reply == "source" || !ok {
		return src
	}
	sentBy, params, _ := bytes.Cut(v, []byte(";"))
	sentBy = trim(sentBy)
	if bytes.HasPrefix(params, []byte("rport")) || bytes.Contains(params, []byte(";rport")) {
		return src
	}
	g.vias.mu.Lock()
	defer g.vias.mu.Unlock()
	if string(sentBy) != g.vias.text {
		text := string(sentBy)
		if !strings.Contains(text, ":") {
			text += ":5060"
		}
		a, err := netip.ParseAddrPort(text)
		if err != nil || !a.Addr().Is4() || !a.Addr().IsLoopback() {
			return src
		}
		g.vias.text, g.vias.addr = string(sentBy), rawAddress(a)
	}
	a := g.vias.addr
	return &a
}
