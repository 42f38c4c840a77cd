package router_test

import (
	"testing"
	"time"

	"sipid/router"
)

func TestParseMoment(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"2026-12-31":                "2026-12-31",
		"1970-01-02":                "1970-01-02",
		"9999-12-31":                "9999-12-31",
		"2026-12-31T18:00:00Z":      "2026-12-31T18:00:00Z",
		"2026-12-31T18:00:00+08:00": "2026-12-31T10:00:00Z",
	} {
		m, err := router.ParseMoment(text)
		if err != nil || m.String() != want {
			t.Errorf("%q reads as %q, %v; want %q", text, m, err, want)
		}
		again, err := router.ParseMoment(m.String())
		if err != nil || again != m {
			t.Errorf("%q does not read back: %q, %v", m, again, err)
		}
	}
	for _, text := range []string{"2026-13-01", "2026-02-30", "tomorrow", "2026-1-1", "20260101", "2026-01-01 10:00", "1970-01-01", "1969-01-01T00:00:00Z", " "} {
		if m, err := router.ParseMoment(text); err == nil {
			t.Errorf("%q reads as %q", text, m)
		}
	}
}

// A client is out of its dates before the first and behind the last moment.
func TestClientDates(t *testing.T) {
	china := time.FixedZone("CST", 8*60*60)
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", text, china)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tc := range []struct {
		from, to, now string
		resolved      bool
	}{
		{"", "", "2026-06-01 00:00:00", true},
		{"2026-06-01", "", "2026-05-31 23:59:59", false},
		{"2026-06-01", "", "2026-06-01 00:00:00", true}, // of the wall's clock, 16:00 UTC the day before
		{"", "2026-06-01", "2026-06-01 23:59:59", true},
		{"", "2026-06-01", "2026-06-02 00:00:00", false},
		{"2026-06-01", "2026-06-01", "2026-06-01 12:00:00", true},
		{"2026-06-01T08:00:00+08:00", "", "2026-06-01 07:59:59", false},
		{"2026-06-01T08:00:00+08:00", "", "2026-06-01 08:00:00", true},
		{"", "2026-06-01T08:00:00Z", "2026-06-01 15:59:59", true},
		{"", "2026-06-01T08:00:00Z", "2026-06-01 16:00:00", false},
	} {
		c := row("1001")
		var errs [2]error
		c.ValidFrom, errs[0] = router.ParseMoment(tc.from)
		c.ValidTo, errs[1] = router.ParseMoment(tc.to)
		if errs[0] != nil || errs[1] != nil {
			t.Fatal(errs)
		}
		conf := config()
		conf.Trunks[0].Identify = []router.Source{router.SourceDiversion}
		conf.Now = func() time.Time { return at(tc.now) }
		r := newRouter(t, conf, c)
		var d router.Decision
		r.Route(r.Trunks()[0], &router.Signals{Diversion: [][]byte{[]byte("<sip:100100000042@a.example>")}}, &d)
		want := router.StatusResolved
		if !tc.resolved {
			want = router.StatusClientDisabled
		}
		if d.Status != want {
			t.Errorf("from %q to %q at %s: %v, want %v", tc.from, tc.to, tc.now, d.Status, want)
		}
	}
}

func TestClientDatesOrder(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		ok       bool
	}{
		{"2026-06-01", "2026-06-01", true},
		{"2026-06-02", "2026-06-01", false},
		{"2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z", false},
		{"2026-06-01T10:00:00Z", "2026-06-01T10:00:01Z", true},
		{"2026-06-01T10:00:00Z", "2026-06-01", true},
		{"2026-06-03T00:00:00Z", "2026-06-01", false},
	} {
		c := row("1001")
		c.ValidFrom, _ = router.ParseMoment(tc.from)
		c.ValidTo, _ = router.ParseMoment(tc.to)
		if err := c.Validate(); (err == nil) != tc.ok {
			t.Errorf("from %s to %s: %v", tc.from, tc.to, err)
		}
	}
}
