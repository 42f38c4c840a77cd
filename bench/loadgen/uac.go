package main

import "bytes"

// callingSide is what one calling socket hears: answers, and the BYE of calls
// that the other side ends.
type callingSide struct {
	g       *generator
	s       *socket
	m       message
	arena   arena
	scratch []byte
}

func (u *callingSide) packet(p []byte, src *address, at int64) {
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
	if u.m.request {
		u.request(c, p, src)
		return
	}
	if u.m.viaCount != 1 && u.m.status != 100 {
		g.flag(c, viaAtUAC, p)
	}
	switch invite := string(u.m.method) == "INVITE"; {
	case invite && u.m.status < 200:
		u.provisional(c)
	case invite && u.m.status < 300:
		u.answered(i, c, p, at)
	case invite:
		u.refused(i, c, at)
	case string(u.m.method) == "BYE" && u.m.status >= 200:
		g.byeDone(c, &u.m, at)
	}
}

func (u *callingSide) request(c *call, p []byte, src *address) {
	g := u.g
	if string(u.m.method) != "BYE" {
		g.count.stray.Add(1)
		return
	}
	if u.m.routeCount > 0 && g.c.expect != expectFwd {
		g.flag(c, routeLeft, p)
	}
	if c.state == stateDone {
		g.count.againBye.Add(1)
	}
	u.scratch = appendReply(u.scratch[:0], &u.m, reply{status: "200 OK"})
	g.send(u.s, u.scratch, g.replyTo(&u.m, src))
}

func (u *callingSide) provisional(c *call) {
	if u.m.status == 100 {
		u.g.count.trying.Add(1)
	}
	if c.state == stateInvited {
		c.state = stateProceeding
	}
}

// answered sends the ACK of a 200, and makes the BYE that will follow. A
// repeated 200 gets the same ACK (RFC 3261 clause 13.2.2.4).
func (u *callingSide) answered(i int, c *call, p []byte, at int64) {
	g := u.g
	if c.wrong == good && !bytes.Contains(u.m.body, g.sdp) {
		g.flag(c, wrongAnswer, p)
	}
	if c.state != stateInvited && c.state != stateProceeding {
		g.count.againOK.Add(1)
		if c.ack != nil {
			g.send(u.s, c.ack, &g.target)
		}
		return
	}
	c.state = stateTalking
	if hasISUP(u.m.body) {
		g.count.isupAnswers.Add(1)
	}
	if c.measured {
		g.delays.add(delayAnswer, at-c.waitFrom)
	}
	u.scratch = g.appendInDialog(u.scratch[:0], "ACK", i, c, &u.m)
	c.ack = u.arena.keep(u.scratch)
	g.send(u.s, c.ack, &g.target)
	if !c.byUAS {
		u.scratch = g.appendInDialog(u.scratch[:0], "BYE", i, c, &u.m)
		c.bye = u.arena.keep(u.scratch)
		later(&g.hangups, g.c.talk, i, c, g.hangup)
	}
}

// hasISUP tells a body with an ISUP part, in the two spellings that are in use.
func hasISUP(body []byte) bool {
	return bytes.Contains(body, []byte("application/isup")) || bytes.Contains(body, []byte("application/ISUP"))
}

func (u *callingSide) refused(i int, c *call, at int64) {
	g := u.g
	u.scratch = g.appendRefusedACK(u.scratch[:0], &u.m)
	g.send(u.s, u.scratch, &g.target)
	if c.state == stateInvited || c.state == stateProceeding {
		g.count.status[u.m.status].Add(1)
		if c.measured {
			g.delays.add(delayRefused, at-c.started)
			g.delays.add(delayRefusedCopy, at-(c.resendAt-c.resendGap))
		}
		g.fail(c)
	}
}

// byeDone takes the answer to a BYE, at the side that sent it.
func (g *generator) byeDone(c *call, m *message, at int64) {
	if c.state != stateBye {
		return
	}
	if m.status >= 300 {
		g.count.status[m.status].Add(1)
		g.fail(c)
		return
	}
	if c.measured {
		g.delays.add(delayBye, at-c.waitFrom)
	}
	c.state = stateDone
	g.count.done.Add(1)
}
