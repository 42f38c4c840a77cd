package router_test

import (
	"bytes"
	"testing"
	"time"

	"sipid/isupbody"
	"sipid/router"
)

// TestCostIsBounded: no message of the size that is let in may hold a thread.
// 100 ms is far above what any of them takes and far below what work that grows
// with the square of the size takes.
func TestCostIsBounded(t *testing.T) {
	const size = 60_000
	c := config()
	c.Trunks[0].Identify = router.Sources()
	c.Trunks[0].AccessNumbers = []string{"95165"}
	r := newRouter(t, c, row("1001"))
	header := append(bytes.Repeat([]byte("<"), 300), bytes.Repeat([]byte("a"), 7700)...)
	lines := func(value []byte) [][]byte { return [][]byte{value, value, value, value, value, value, value} }
	number := number(t, isupbody.ParamOriginalCalledNumber, "2222").Contents
	many := isupOf(t, append([]byte{byte(isupbody.ParamOriginalCalledNumber), byte(len(number))}, number...), size)
	empty := isupOf(t, []byte{byte(isupbody.ParamOriginalCalledNumber), 0}, size)
	for name, s := range map[string]*router.Signals{
		"angle brackets":   {Diversion: lines(bytes.Repeat([]byte("<"), 8000))},
		"some brackets":    {Diversion: lines(header)},
		"history brackets": {HistoryInfo: lines(header)},
		"commas":           {Diversion: lines(bytes.Repeat([]byte(","), 8000)), HistoryInfo: lines(bytes.Repeat([]byte(","), 8000))},
		"entries":          {HistoryInfo: lines(bytes.Repeat([]byte("<sip:1@a>;index=1;mp=9,"), 340))},
		"quotes":           {Diversion: lines(bytes.Repeat([]byte(`"`), 8000)), UserToUser: lines(bytes.Repeat([]byte(`"`), 7999))},
		"comments":         {Diversion: lines(bytes.Repeat([]byte("("), 8000))},
		"user-to-user":     {UserToUser: lines(bytes.Repeat([]byte("31,"), 2700))},
		"parameters":       {UserToUser: lines(append([]byte("31"), bytes.Repeat([]byte(";a=b"), 2000)...))},
		"asserted":         {From: header, Asserted: lines(header), Privacy: bytes.Repeat([]byte(";"), 8000), RequestURI: header},
		"empty numbers":    {ISUP: [][]byte{empty}},
		"equal numbers":    {ISUP: [][]byte{many}},
		"many IAMs":        {ISUP: [][]byte{many, many[:30000], many[:30000]}},
	} {
		t.Run(name, func(t *testing.T) {
			var d router.Decision
			best := time.Hour
			for range 3 { // the machine may be busy
				start := time.Now()
				r.Route(r.Trunks()[0], s, &d)
				best = min(best, time.Since(start))
			}
			t.Logf("%v, %s", best, d.Status)
			if best > 100*time.Millisecond && !raced {
				t.Errorf("took %v", best)
			}
		})
	}
}

// isupOf is an IAM of about that size, full of one optional parameter.
func isupOf(t *testing.T, parameter []byte, size int) []byte {
	t.Helper()
	b := original(t, "2222")
	return append(b[:len(b)-1], bytes.Repeat(parameter, size/len(parameter))...)
}
