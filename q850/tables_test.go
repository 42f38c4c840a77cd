package q850_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"sipid/q850"
)

// table reads a CSV of testdata without its heading.
func table(t *testing.T, name string, rows int) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil || len(all) < rows {
		t.Fatalf("%s: %d rows, %v", name, len(all), err)
	}
	return all[1:]
}

// number reads a column; "none" is 0.
func number(t *testing.T, text string) int {
	t.Helper()
	if text == "none" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func profile(t *testing.T, name string) q850.Profile {
	t.Helper()
	p, ok := q850.ParseProfile(name)
	if !ok || p.String() != name {
		t.Fatalf("profile %q is %v, %v", name, p, ok)
	}
	return p
}

// TestStatusToCause: the table of the file is the table of the code, for every
// status there can be.
func TestStatusToCause(t *testing.T) {
	want := map[q850.Profile]map[int]int{q850.Q1912: {}, q850.RFC3398: {}}
	other := map[q850.Profile]int{}
	for _, row := range table(t, "status_to_cause.csv", 45) {
		p, cause := profile(t, row[0]), number(t, row[2])
		if row[1] == "other" {
			other[p] = cause
			continue
		}
		status := number(t, row[1])
		if _, twice := want[p][status]; twice {
			t.Errorf("%s: %d is there twice", row[0], status)
		}
		want[p][status] = cause
	}
	for p, statuses := range want {
		if int(p.Unspecified()) != other[p] {
			t.Errorf("%v: unspecified is %v, want %d", p, p.Unspecified(), other[p])
		}
		for status := 300; status < 700; status++ {
			cause, listed := statuses[status]
			if !listed {
				cause = other[p]
			}
			if got := p.CauseOf(status); int(got) != cause {
				t.Errorf("%v: %d gives cause %v, want %d", p, status, got, cause)
			}
		}
		for _, status := range []int{-1, 0, 100, 180, 200, 299, 700} {
			if got := p.CauseOf(status); got != 0 {
				t.Errorf("%v: %d gives cause %v", p, status, got)
			}
		}
	}
}

// TestCauseToStatus: the same the other way, for every cause and location.
func TestCauseToStatus(t *testing.T) {
	type key struct {
		cause    q850.Cause
		location q850.Location
	}
	want := map[q850.Profile]map[key]int{q850.Q1912: {}, q850.RFC3398: {}}
	other := map[q850.Profile]int{}
	for _, row := range table(t, "cause_to_status.csv", 50) {
		p, status := profile(t, row[0]), number(t, row[3])
		if row[1] == "other" {
			other[p] = status
			continue
		}
		cause := q850.Cause(number(t, row[1]))
		if l, ok := q850.ParseLocation(row[2]); ok {
			want[p][key{cause, l}] = status
			continue
		}
		for l := range q850.Location(16) { // any: all that have no row of their own
			if _, own := want[p][key{cause, l}]; !own {
				want[p][key{cause, l}] = status
			}
		}
	}
	for p, causes := range want {
		for c := q850.Cause(1); c <= q850.MaxCause; c++ {
			for l := range q850.Location(16) {
				status, listed := causes[key{c, l}]
				if !listed {
					status = other[p]
				}
				if got := p.StatusOf(c, l); got != status {
					t.Errorf("%v: cause %v at %v gives %d, want %d", p, c, l, got, status)
				}
			}
		}
		for _, c := range []q850.Cause{0, 128, 255} {
			if got := p.StatusOf(c, 0); got != 0 {
				t.Errorf("%v: cause %d gives %d", p, c, got)
			}
		}
	}
}

func TestCauseOfWarning(t *testing.T) {
	for code, want := range map[int]q850.Cause{304: 65, 305: 65, 301: 31, 370: 31, 399: 31, 0: 31} {
		if got := q850.CauseOfWarning(code); got != want {
			t.Errorf("warning %d gives cause %v, want %v", code, got, want)
		}
	}
}

func TestProfileNames(t *testing.T) {
	for _, name := range []string{"", "Q1912.5", "rfc3261"} {
		if p, ok := q850.ParseProfile(name); ok {
			t.Errorf("%q is %v", name, p)
		}
	}
	if got := q850.Profile(9).String(); got != "profile?" {
		t.Errorf("profile 9 is %q", got)
	}
}
