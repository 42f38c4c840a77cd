package proxy_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/proxy"
	"sipid/router"
)

// drain counts what a peer has got so far.
func (p *peer) drain() (n int) {
	synctest.Wait()
	for {
		select {
		case <-p.in:
			n++
		default:
			return n
		}
	}
}

// flood sends a text many times in a moment, and counts what comes back.
func (p *peer) flood(times int, text string) (answers int) {
	for i := range times {
		p.send(text)
		if i%1000 == 999 { // the wire holds some thousands
			answers += p.drain()
		}
	}
	return answers
}

// TestStrangersRefused: whom nobody knows is told so, at its own address, and not
// more than some times a second; its ACK, its responses and its garbage are not.
func TestStrangersRefused(t *testing.T) {
	refuse := func(o *proxy.Options, _ *router.Config) { o.RefuseStrangers = true }
	run(t, refuse, func(r *rig) {
		alien := r.peer(alienAddr)
		alien.send(options)
		alien.get("SIP/2.0 403")
		alien.send(strings.ReplaceAll(options, "10.1.0.7:5060", "198.51.100.7:5060"))
		alien.get("SIP/2.0 403")
		for _, text := range []string{
			strings.ReplaceAll(options, "OPTIONS", "ACK"), "SIP/2.0 200 OK" + options[strings.Index(options, "\r\n"):], "garbage\r\n\r\n", strings.Replace(options, "CSeq", "CSeq\x00", 1),
		} {
			alien.send(text)
			if n := alien.drain(); n != 0 {
				t.Errorf("%d answers to %q", n, text)
			}
		}
		time.Sleep(2 * time.Second)
		if n := alien.flood(8000, options); n < 1000 || n > 6000 {
			t.Errorf("%d answers to 8000 requests in a moment, want 5000", n)
		}
		r.answered(call{id: "still", branch: "z9hG4bKstill"})
	})
}

// TestFloodOfFaults: a flood of broken messages from a trunk's own address gets
// no answer for each, and the trunk's calls go through.
func TestFloodOfFaults(t *testing.T) {
	run(t, nil, func(r *rig) {
		broken := strings.Replace(options, "Max-Forwards: 70", "Max Forwards: 70", 1)
		if n := r.trunk.flood(8000, broken); n < 1000 || n > 6000 {
			t.Errorf("%d answers to 8000 broken requests in a moment, want 5000", n)
		}
		r.answered(call{id: "still", branch: "z9hG4bKstill"})
	})
}

// TestTimerCAndTrying: 100 after 100 does not keep a call alive; a 180 does.
func TestTimerCAndTrying(t *testing.T) {
	for status, kept := range map[string]bool{"100 Trying": false, "180 Ringing": true} {
		t.Run(status, func(t *testing.T) {
			run(t, nil, func(r *rig) {
				c := call{id: "c", branch: "z9hG4bKc"}
				r.trunk.send(c.invite())
				r.trunk.get("SIP/2.0 100")
				invite := r.pbx.get("INVITE")
				for range 5 {
					r.pbx.send(invite.answer(status, "agent"))
					time.Sleep(60 * time.Second)
				}
				synctest.Wait()
				refused := false
				for len(r.trunk.in) > 0 {
					got := <-r.trunk.in
					refused = refused || strings.HasPrefix(got.text, "SIP/2.0 4")
				}
				if refused == kept {
					t.Errorf("after five minutes of %s the call was refused: %v", status, refused)
				}
				r.pbx.send(invite.answer("487 Request Terminated", "agent"))
				time.Sleep(2 * time.Minute)
				r.trunk.drain()
				r.pbx.drain()
			})
		})
	}
}
