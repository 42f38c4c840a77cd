package isupbody_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"sipid/isupbody"
)

// TestBackwardMessages writes what RFC 3398 and Q.1912.5 have a gateway send.
func TestBackwardMessages(t *testing.T) {
	inBand := isupbody.OptionalBackwardCall(0).WithInBand(true)
	rfc, q := isupbody.BackwardCallRFC3398, isupbody.BackwardCallQ1912
	interworking := q(0)
	for _, c := range []struct {
		name, want string
		got        []byte
	}{
		{"ACM on 180 by RFC 3398", "06160400", isupbody.AppendACM(nil, rfc(1), nil)},
		{"ACM on 183 by RFC 3398", "06120400", isupbody.AppendACM(nil, rfc(0), nil)},
		{"ACM on 183 with early media", "0612040129010100", isupbody.AppendACM(nil, rfc(0), &inBand)},
		{"ACM by Q.1912.5", "06040100", isupbody.AppendACM(nil, q(1), nil)},
		{"CPG alerting", "2c0100", isupbody.AppendCPG(nil, isupbody.EventAlerting, nil, nil)},
		{"CPG progress in-band", "2c020129010100", isupbody.AppendCPG(nil, isupbody.EventProgress, nil, &inBand)},
		{"CPG with both", "2c010111020001" + "29010100", isupbody.AppendCPG(nil, isupbody.EventAlerting, &interworking, &inBand)},
		{"ANM", "0900", isupbody.AppendANM(nil, nil, nil)},
		{"ANM by Q.1912.5", "09011102000100", isupbody.AppendANM(nil, &interworking, nil)},
		{"CON by RFC 3398", "07160400", isupbody.AppendCON(nil, rfc(1), nil)},
		{"CON by Q.1912.5", "07000100", isupbody.AppendCON(nil, q(0), nil)},
		{"REL busy", "0c0200028a91", isupbody.AppendREL(nil, isupbody.Cause{Location: isupbody.LocationBeyondInterworking, Value: 17})},
		{"REL with diagnostics", "0c020003809b02", isupbody.AppendREL(nil, isupbody.Cause{Value: 27, Diagnostics: []byte{2}})},
		{"RLC", "1000", isupbody.AppendRLC(nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := hex.EncodeToString(c.got); got != c.want {
				t.Fatalf("%s, want %s", got, c.want)
			}
			m := decode(t, c.want)
			again, err := isupbody.Draft{Type: m.Type(), Parameters: list(&m)}.MarshalBinary()
			if err != nil || !bytes.Equal(again, c.got) {
				t.Errorf("as a draft %x, %v", again, err)
			}
		})
	}
}

// TestRELDiagnostics holds the longest diagnostics there can be, and drops longer
// ones.
func TestRELDiagnostics(t *testing.T) {
	for n, want := range map[int]int{252: 252, 253: 0, 70000: 0} {
		b := isupbody.AppendREL([]byte("kept"), isupbody.Cause{Value: 16, HasRecommendation: true, Diagnostics: make([]byte, n)})
		m := decode(t, hex.EncodeToString(b[4:]))
		if c, err := m.Cause(); err != nil || c.Value != 16 || len(c.Diagnostics) != want {
			t.Errorf("%d octets: %+v, %v", n, c, err)
		}
	}
}

// TestBackwardAllocations: they are written for every call.
func TestBackwardAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		o, b := isupbody.OptionalBackwardCall(1), isupbody.BackwardCallRFC3398(1)
		dst = isupbody.AppendACM(dst[:0], b, &o)
		dst = isupbody.AppendCPG(dst[:0], isupbody.EventAlerting, &b, &o)
		dst = isupbody.AppendANM(dst[:0], &b, nil)
		dst = isupbody.AppendCON(dst[:0], b, nil)
		dst = isupbody.AppendREL(dst[:0], isupbody.Cause{Value: 16})
		dst = isupbody.AppendRLC(dst[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
