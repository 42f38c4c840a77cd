package router_test

import (
	"fmt"
	"math"
	"testing"

	"sipid/router"
)

func callID(i int) []byte { return fmt.Appendf(nil, "%d-8f3a@10.0.0.%d", i, i%250) }

func groupOf(targets ...router.Target) *router.Group {
	return &router.Group{Targets: targets}
}

func target(uri string, weight, priority int) router.Target {
	return router.Target{URI: uri, Weight: weight, Priority: priority}
}

func TestFirstShares(t *testing.T) {
	g := groupOf(target("sip:a", 1, 1), target("sip:b", 3, 1), target("sip:c", 4, 1), target("sip:spare", 100, 2))
	const calls = 80_000
	var got [4]int
	for i := range calls {
		got[g.First(callID(i))]++
	}
	for i, share := range []float64{1.0 / 8, 3.0 / 8, 4.0 / 8, 0} {
		if math.Abs(float64(got[i])/calls-share) > 0.01 {
			t.Errorf("target %d got %d of %d calls, its share is %.3f", i, got[i], calls, share)
		}
	}
}

func TestFirstDoesNotDependOnOrder(t *testing.T) {
	a := groupOf(target("sip:a", 1, 1), target("sip:b", 2, 1), target("sip:c", 1, 1))
	b := groupOf(target("sip:c", 1, 1), target("sip:a", 1, 1), target("sip:b", 2, 1))
	for i := range 1000 {
		if x, y := a.Targets[a.First(callID(i))].URI, b.Targets[b.First(callID(i))].URI; x != y {
			t.Fatalf("%s: %s or %s", callID(i), x, y)
		}
	}
}

// TestFirstMovesLittle: a target that goes takes only its own calls with it.
func TestFirstMovesLittle(t *testing.T) {
	all := groupOf(target("sip:a", 1, 1), target("sip:b", 2, 1), target("sip:c", 1, 1))
	less := groupOf(target("sip:a", 1, 1), target("sip:b", 2, 1))
	for i := range 1000 {
		before := all.Targets[all.First(callID(i))].URI
		if after := less.Targets[less.First(callID(i))].URI; before != "sip:c" && before != after {
			t.Fatalf("%s moved from %s to %s", callID(i), before, after)
		}
	}
}

func TestFirstPriority(t *testing.T) {
	g := groupOf(target("sip:spare", 5, 2), target("sip:best", 1, 0))
	for i := range 100 {
		if g.First(callID(i)) != 1 {
			t.Fatal("a target of lesser priority was chosen")
		}
	}
	if groupOf().First(callID(1)) != 0 {
		t.Error("a group without targets")
	}
}

// TestFirstStaysTheSame: a process of another version must choose the same, so
// these values may never change.
func TestFirstStaysTheSame(t *testing.T) {
	g := groupOf(target("sip:10.2.0.10:5060", 1, 1), target("sip:10.2.0.11:5060", 2, 1), target("sip:10.2.0.12:5060", 3, 1))
	got := ""
	for i := range 20 {
		got += fmt.Sprint(g.First(callID(i)))
	}
	if want := "10112221112212121020"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
