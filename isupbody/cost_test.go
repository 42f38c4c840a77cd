package isupbody_test

import (
	"math"
	"testing"
	"time"

	"sipid/isupbody"
)

// TestAllocations guards the call path: decoding, getting, listing and editing
// into a buffer allocate nothing.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	iam, contents := unhex(t, typicalIAM), unhex(t, "0310100132")
	dst := make([]byte, 0, 512)
	d := isupbody.Draft{Type: isupbody.MessageREL, Parameters: []isupbody.Parameter{
		{Name: isupbody.ParamCauseIndicators, Contents: []byte{0x80, 0x90}}}}
	var m isupbody.Message
	for name, f := range map[string]func(){
		"Decode": func() { m, _ = isupbody.Decode(iam, isupbody.VariantITU) },
		"Getters": func() {
			n, _ := m.OriginalCalledNumber()
			_ = n.AppendDigits(dst)
			_, _ = m.CallingPartyNumber()
			_, _ = m.GenericNumber(0)
			_, _ = m.HopCounter()
			_ = m.Repeated(isupbody.ParamOriginalCalledNumber)
		},
		"Parameters": func() {
			octets := 0
			for p := range m.Parameters {
				octets += len(p.Contents)
			}
		},
		"AppendReplaced": func() { _, _ = m.AppendReplaced(dst, isupbody.ParamCalledPartyNumber, contents) },
		"AppendInserted": func() { _, _ = m.AppendInserted(dst, 0, isupbody.ParamHopCounter, contents[:1]) },
		"AppendRemoved":  func() { _, _ = m.AppendRemoved(dst, isupbody.ParamOriginalCalledNumber, 0) },
		"Draft":          func() { _, _ = d.AppendBinary(dst) },
		"VariantOf":      func() { _ = isupbody.VariantOf(iam) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// TestLinear reads 64 KB of the smallest parameters there are, as a hostile
// sender may put into one datagram.
func TestLinear(t *testing.T) {
	b := unhex(t, "010020010a0302070503905961f5")
	for len(b) < 65535 {
		b = append(b, 0xFE, 0)
	}
	took := time.Duration(math.MaxInt64)
	for range 10 { // the fastest: the machine does other work
		start := time.Now()
		m, err := isupbody.Decode(b, isupbody.VariantITU)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.OriginalCalledNumber(); err == nil {
			t.Fatal("found what is not there")
		}
		took = min(took, time.Since(start))
	}
	if took > 500*time.Millisecond {
		t.Errorf("took %v", took)
	}
}
