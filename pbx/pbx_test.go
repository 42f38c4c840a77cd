package pbx_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sipid/pbx"
	"sipid/router"
)

// rig is one group of targets a, b, ... with priorities as given, and its clock.
type rig struct {
	t      *testing.T
	groups *pbx.Groups
	pool   *pbx.Pool
	now    time.Duration
	order  []int
}

func newRig(t *testing.T, change func(*router.Group), priorities ...int) *rig {
	t.Helper()
	g := router.Group{Name: "default", Probe: router.Probe{Interval: 5 * time.Second, DownAfter: 2, UpAfter: 2}}
	for i, p := range priorities {
		uri := "sip:10.2.0." + fmt.Sprint(i+1)
		g.Targets = append(g.Targets, router.Target{URI: uri, Host: uri[4:], Addr: netip.MustParseAddrPort(uri[4:] + ":5060"), Priority: p})
	}
	if change != nil {
		change(&g)
	}
	r, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "t", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}},
		Groups: []router.Group{g},
	})
	if err != nil {
		t.Fatal(err)
	}
	rig := &rig{t: t}
	rig.groups = pbx.New(r, func() time.Duration { return rig.now }, slog.New(slog.DiscardHandler))
	rig.pool = rig.groups.Pools()[0]
	return rig
}

// offered names the targets for a call: "ab" when the first is tried before the second.
func (r *rig) offered() string {
	var list []*pbx.Target
	r.order, list = r.pool.Candidates([]byte("call"), r.order, list)
	s := ""
	for _, t := range list {
		for i := range r.pool.Targets() {
			if r.pool.Targets()[i] == t {
				s += string(rune('a' + i))
			}
		}
	}
	return s
}

func (r *rig) want(what, offered string) {
	r.t.Helper()
	if got := r.offered(); got != offered {
		r.t.Errorf("%s: offered %q, want %q", what, got, offered)
	}
}

func (r *rig) why(i int, part string) {
	r.t.Helper()
	if s := r.groups.States()[i]; !strings.Contains(s.Why, part) {
		r.t.Errorf("why is %q, want %q in it", s.Why, part)
	}
}

func TestBreaker(t *testing.T) {
	r := newRig(t, nil, 1, 2)
	a := r.pool.Targets()[0]
	for range 50 {
		a.Served(500) // whatever a caller provoked
	}
	r.want("after answers", "ab")
	for range 4 {
		a.Failed(0, "says nothing")
		a.Served(200)
		a.Served(200)
	}
	r.want("three of the last ten", "ab")
	for range 5 {
		a.Failed(503, "503 to INVITE")
	}
	r.want("five of ten", "b")
	r.why(0, "of the last 10 calls came to nothing: 503 to INVITE")
	r.now += 5 * time.Second
	r.want("a trial", "ab")
	r.want("one trial", "b")
	a.Served(180)
	r.want("after a good trial", "ab")
	r.why(0, "takes calls")
}

// A target that is second in line is given back when its turn comes: looking at
// it spends no trial.
func TestTrialIsNotWasted(t *testing.T) {
	r := newRig(t, nil, 1, 2)
	b := r.pool.Targets()[1]
	for range 5 {
		b.Failed(0, "says nothing")
	}
	r.want("tripped", "a")
	r.now += 5 * time.Second
	r.want("due", "ab")
	r.want("still due", "ab")
}

func TestRetryAfter(t *testing.T) {
	r := newRig(t, nil, 1, 2)
	r.pool.Targets()[0].Rest(20 * time.Second)
	r.want("resting", "b")
	r.why(0, "20s")
	r.now += 20 * time.Second
	r.want("rested", "ab")
	r.pool.Targets()[0].Rest(24 * time.Hour)
	r.now += time.Minute
	r.want("a day is not believed", "ab")
	r.pool.Targets()[0].Rest(0)
	r.want("no time at all", "ab")
}

// A target that goes and comes every three seconds changes its state at most once
// in 15 s.
func TestFlapping(t *testing.T) {
	r := newRig(t, nil, 1, 2)
	a := r.pool.Targets()[0]
	changes, was := 0, true
	probe := func(status int) {
		a.Probed(status, time.Millisecond)
		if is := a.Up(); is != was {
			changes, was = changes+1, is
		}
	}
	for range 300 / 3 {
		for _, status := range []int{0, 0, 200, 200, 200} {
			probe(status)
		}
		r.now += 3 * time.Second
	}
	if changes < 2 || changes > 300/15 {
		t.Errorf("%d changes in five minutes, want at most one in 15 s", changes)
	}
	r.now += 10 * time.Minute
	a.Probed(200, 0)
	r.now += 3 * time.Minute
	a.Probed(0, 0)
	a.Probed(0, 0)
	r.want("out", "b")
	a.Probed(200, 0)
	a.Probed(200, 0)
	r.want("settled long enough to be believed at once", "ab")
}

func TestAllDead(t *testing.T) {
	r := newRig(t, nil, 1, 2)
	for _, target := range r.pool.Targets() {
		target.Probed(0, 0)
		target.Probed(0, 0)
	}
	r.want("all dead", "ab")
	r.groups.SetDrained("", r.pool.Targets()[0].Conf.URI, true)
	r.want("a drained one is not tried", "b")
	r.groups.SetDrained("default", r.pool.Targets()[1].Conf.URI, true)
	r.want("all drained", "")
	if n := r.groups.SetDrained("other", r.pool.Targets()[1].Conf.URI, false); n != 0 {
		t.Errorf("%d targets of no group", n)
	}
	if s := r.groups.States()[0]; !s.Drained || s.Up || s.Why != "drained by the operator" {
		t.Errorf("state %+v", s)
	}
}

func TestFull(t *testing.T) {
	r := newRig(t, func(g *router.Group) { g.Targets[0].MaxCalls, g.MaxCalls = 2, 3 }, 1, 2)
	a := r.pool.Targets()[0]
	took := []bool{a.Take(), a.Take(), a.Take()}
	if !slices.Equal(took, []bool{true, true, false}) || a.Calls() != 2 {
		t.Fatalf("took %v, has %d calls, want 2", took, a.Calls())
	}
	r.want("a is full", "b")
	if r.pool.NoneTakes(func(*pbx.Target) bool { return false }) {
		t.Error("b takes calls")
	}
	if !r.pool.NoneTakes(func(t *pbx.Target) bool { return t == r.pool.Targets()[1] }) {
		t.Error("nobody but b takes calls")
	}
	a.Release()
	r.want("room again", "ab")
	for i := range 4 {
		if took := r.pool.Take(); took != (i < 3) {
			t.Errorf("the group's call %d: %v", i, took)
		}
	}
	if r.pool.Calls() != 3 {
		t.Errorf("%d calls of the group", r.pool.Calls())
	}
}
