package q850_test

import (
	"fmt"
	"strings"
	"testing"

	"sipid/q850"
)

func TestFind(t *testing.T) {
	for value, want := range map[string]string{
		`Q.850;cause=16`:                                                           "Q.850;cause=16",
		`Q.850 ;cause=16 ;text="Terminated"`:                                       "Q.850;cause=16",
		`q.850;CAUSE=17;LOCATION=ln`:                                               "Q.850;cause=17;location=LN",
		"Q.850\t;\r\n cause = 127\r\n ;location = LOC-15":                          "Q.850;cause=127;location=LOC-15",
		`SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26;location=U`: "Q.850;cause=26;location=U",
		`SIP;text="a, Q.850;cause=1 \", Q.850;cause=2",Q.850;cause=3`:              "Q.850;cause=3",
		`Q.850;text=";cause=9";cause=31`:                                           "Q.850;cause=31",
		`Q.850;cause=16;cause=17`:                                                  "Q.850;cause=16",
		`Q.850;cause=16;location=XX`:                                               "Q.850;cause=16",
		`Q.850;cause=128, Q.850;cause=1`:                                           "Q.850;cause=1",
		`Q.850;cause=016`:                                                          "Q.850;cause=16",
	} {
		got, ok := q850.Find([]byte(value))
		if !ok || got.String() != want {
			t.Errorf("%q: %v, %v, want %s", value, got, ok, want)
		}
	}
	for _, value := range []string{
		"", ",", ";", "Q.850", "Q.850;", "Q.850;cause", "Q.850;cause=", "Q.850;cause=0", "Q.850;cause=128", "Q.850;cause=1a", "Q.850;cause=-1",
		"Q.850;cause=99999999999999999999", "SIP;cause=16", `"Q.850;cause=16`, "Q.8500;cause=16", `SIP;text="\`,
	} {
		if got, ok := q850.Find([]byte(value)); ok {
			t.Errorf("%q: %v", value, got)
		}
	}
}

// TestReasonRoundTrip writes and reads every cause at every location.
func TestReasonRoundTrip(t *testing.T) {
	for c := q850.Cause(1); c <= q850.MaxCause; c++ {
		for l := range q850.Location(16) {
			for _, want := range []q850.Reason{{Cause: c}, {Cause: c, Location: l, HasLocation: true}} {
				text := want.Append([]byte("SIP;cause=200,"))
				if got, ok := q850.Find(text); !ok || got != want {
					t.Fatalf("%s: %v, %v", text, got, ok)
				}
			}
		}
	}
}

func TestLocations(t *testing.T) {
	seen := map[string]bool{}
	for l := range q850.Location(16) {
		name := l.String()
		if got, ok := q850.ParseLocation(strings.ToLower(name)); !ok || got != l || seen[name] {
			t.Errorf("%d is %q, which is %v, %v", l, name, got, ok)
		}
		seen[name] = true
	}
	if got := q850.Location(200).String(); got != "LOC-200" {
		t.Errorf("location 200 is %q", got)
	}
	if _, ok := q850.ParseLocation("LOC-200"); ok {
		t.Error("LOC-200 is a location")
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(`SIP;cause=200;text="x\"y", Q.850;cause=26;location=U`))
	f.Add([]byte("Q.850\r\n ;cause = 16"))
	f.Fuzz(func(t *testing.T, value []byte) {
		r, ok := q850.Find(value)
		if ok != r.Cause.Valid() {
			t.Fatalf("%+v, %v", r, ok)
		}
		if again, _ := q850.Find(r.Append(nil)); ok && again != r {
			t.Fatalf("%+v is read again as %+v", r, again)
		}
	})
}

func ExampleFind() {
	r, ok := q850.Find([]byte(`SIP;cause=600, Q.850;cause=17;location=LN`))
	fmt.Println(ok, r.Cause, r.Location, q850.RFC3398.StatusOf(r.Cause, r.Location))
	fmt.Println(q850.Reason{Cause: q850.RFC3398.CauseOf(404)})
	// Output:
	// true 17 LN 486
	// Q.850;cause=1
}
