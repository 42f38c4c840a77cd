package isupbody_test

import (
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"sipid/isupbody"
)

type vector struct {
	name   string
	octets []byte
}

// ownVectors loads testdata/vectors/own.txt, and fails when there is nothing in it.
func ownVectors(tb testing.TB) []vector {
	tb.Helper()
	text, err := os.ReadFile("testdata/vectors/own.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var vs []vector
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		if strings.HasPrefix(line, "#") || len(fields) < 2 {
			continue
		}
		octets, err := hex.DecodeString(strings.TrimSpace(fields[1]))
		if err != nil {
			tb.Fatalf("%s: %v", line, err)
		}
		vs = append(vs, vector{strings.TrimSpace(fields[0]), octets})
	}
	if len(vs) == 0 {
		tb.Fatal("testdata/vectors/own.txt holds no vectors")
	}
	return vs
}

// want is what a vector must decode to. "-" is a number that must be absent.
type want struct {
	variant             isupbody.Variant
	err                 error
	called              string // a trailing F is ST
	calling, original   string
	second              string // second original called number
	presentation        isupbody.Presentation
	hop                 isupbody.HopCounter
	unended, trailing   bool
	uui                 string
	calledNature        isupbody.NatureOfAddress
	callingPresentation isupbody.Presentation
}

var wantIAM = map[string]want{
	"A typical": {called: "95165F", calling: "57188888888", original: "1001000012345678"},
	"B CR LF inside (hop counter 13 then CgPN)": {
		called: "95165F", calling: "57188888888", original: "1001000012345678", hop: 13},
	"C odd count, F filler":              {called: "95165F", calling: "-", original: "100100001234567"},
	"D even flag, last nibble F (ST)":    {called: "95165F", calling: "-", original: "100100001234567F"},
	"E letters":                          {called: "95165F", calling: "-", original: "1BC2E13"},
	"F 24 digits":                        {called: "95165F", calling: "-", original: "100100001234567890123456"},
	"G no end-of-optional octet":         {called: "95165F", calling: "-", original: "1001000012345678", unended: true},
	"H optional pointer 0, bytes follow": {called: "95165F", calling: "-", original: "-", trailing: true},
	"I OCN length overruns":              {called: "95165F", calling: "-", original: "-", err: io.ErrUnexpectedEOF, unended: true, trailing: true},
	"J two OCNs":                         {called: "95165F", calling: "-", original: "1111", second: "2222"},
	"K OCN without digits":               {called: "95165F", calling: "-", original: "", presentation: isupbody.PresentationNotAvailable},
	"M ANSI layout (label ansi00 or itu-t92+)": {
		variant: isupbody.VariantANSI, called: "2125551234", calling: "3035551111", original: "7205550000"},
	"N OCN APRI restricted": {
		called: "95165F", calling: "-", original: "1001000012345678", presentation: isupbody.PresentationRestricted},
	"O 17 digits + UUI": {called: "95165F", calling: "-", original: "10010000123456789", uui: "\x0412345"},
	"P OCN before CgPN, unknown 0xFE, param compat": {
		called: "95165F", calling: "57188888888", original: "1001000012345678"},
	"Q real IAM's shape (sipcapture/hepgen.js, CIC removed, digits replaced)": {
		called: "62815000123F", calling: "89628000123", original: "-", hop: 30},
	"R real IAM kamailio #4817": {
		called: "D098765432109", calling: "123456789", original: "-", calledNature: isupbody.NatureInternational},
	"S SIPp sample IAM": {
		called: "1234", calling: "441234567890", original: "-", calledNature: isupbody.NatureSubscriber,
		callingPresentation: isupbody.PresentationRestricted},
	"T RFC 3204 sample": {
		called: "0033361234", calling: "-", original: "-", calledNature: isupbody.NatureInternational, trailing: true},
}

func TestOwnVectorsIAM(t *testing.T) {
	seen := 0
	for _, v := range ownVectors(t) {
		w, ok := wantIAM[v.name]
		if !ok {
			continue
		}
		seen++
		t.Run(v.name, func(t *testing.T) { checkIAM(t, v.octets, w) })
	}
	if seen != len(wantIAM) {
		t.Errorf("%d of %d expected vectors are in the file", seen, len(wantIAM))
	}
}

func checkIAM(t *testing.T, octets []byte, w want) {
	for _, label := range []isupbody.Variant{isupbody.VariantITU, isupbody.VariantANSI} {
		m, err := isupbody.Decode(octets, label)
		if !errors.Is(err, w.err) {
			t.Fatalf("label %v: error %v, want %v", label, err, w.err)
		}
		if m.Type() != isupbody.MessageIAM || m.Variant() != w.variant {
			t.Errorf("label %v: %v %v, want IAM %v", label, m.Type(), m.Variant(), w.variant)
		}
		checkNumbers(t, &m, w)
		if m.Ended() == w.unended {
			t.Errorf("Ended() = %v", m.Ended())
		}
		if len(m.Trailing()) > 0 != w.trailing {
			t.Errorf("Trailing() = %x", m.Trailing())
		}
		if u, err := m.UserToUser(); err == nil != (w.uui != "") || err == nil && string(u.AppendContents(nil)) != w.uui {
			t.Errorf("UserToUser() = %v, %v, want %q", u, err, w.uui)
		}
		if h, _ := m.HopCounter(); h != w.hop {
			t.Errorf("HopCounter() = %v, want %v", h, w.hop)
		}
	}
}

func checkNumbers(t *testing.T, m *isupbody.Message, w want) {
	t.Helper()
	called, calling, original := getNumber(m.CalledPartyNumber), getNumber(m.CallingPartyNumber), getNumber(m.OriginalCalledNumber)
	if called != w.called || calling != w.calling || original != w.original {
		t.Errorf("called %s calling %s original %s, want %s %s %s", called, calling, original, w.called, w.calling, w.original)
	}
	if n, err := m.OriginalCalledNumber(); err == nil && n.Presentation != w.presentation {
		t.Errorf("original called number %v, want %v", n.Presentation, w.presentation)
	}
	if n, err := m.CallingPartyNumber(); err == nil && n.Presentation != w.callingPresentation {
		t.Errorf("calling party number %v, want %v", n.Presentation, w.callingPresentation)
	}
	if n, _ := m.CalledPartyNumber(); w.calledNature != 0 && n.Nature != w.calledNature {
		t.Errorf("called party number %v, want %v", n.Nature, w.calledNature)
	}
	if m.Repeated(isupbody.ParamOriginalCalledNumber) != (w.second != "") {
		t.Errorf("Repeated = %v", m.Repeated(isupbody.ParamOriginalCalledNumber))
	}
	if p, ok := m.Optional(isupbody.ParamOriginalCalledNumber, 1); ok {
		if n, err := p.Number(); err != nil || n.Digits() != w.second {
			t.Errorf("second original called number %q, %v, want %q", n.Digits(), err, w.second)
		}
	}
}

// getNumber gives digits with a trailing F for ST, "-" for an absent number and
// "short" for one that ends before its digits.
func getNumber(get func() (isupbody.Number, error)) string {
	n, err := get()
	if errors.Is(err, isupbody.ErrAbsent) {
		return "-"
	}
	if err != nil {
		return "short"
	}
	return withST(n)
}

func withST(n isupbody.Number) string {
	if n.ST() {
		return n.Digits() + "F"
	}
	return n.Digits()
}

// TestOwnVectorsOther reads the messages that go back, and the ones that are none.
func TestOwnVectorsOther(t *testing.T) {
	check := map[string]func(*isupbody.Message, error) bool{
		"L CIC left in": func(m *isupbody.Message, err error) bool {
			return errors.Is(err, isupbody.ErrCIC) && m.Type() == 0x0B
		},
		"- ACM early":            acm(0, 0, false),
		"- ACM 180 rfc3398":      acm(2, 1, false),
		"- ACM 183 rfc3398":      acm(2, 0, false),
		"- ACM 183 in-band":      acm(2, 0, true),
		"- ACM q1912.5-like":     acm(0, 1, false),
		"- CPG alerting":         cpg(isupbody.EventAlerting, false),
		"- CPG progress in-band": cpg(isupbody.EventProgress, true),
		"- ANM":                  only(isupbody.MessageANM),
		"- ANM+BCI": func(m *isupbody.Message, err error) bool {
			b, e := m.BackwardCall()
			return err == nil && e == nil && b.Interworking() && m.Type() == isupbody.MessageANM
		},
		"- CON rfc3398": func(m *isupbody.Message, err error) bool {
			b, e := m.BackwardCall()
			return err == nil && e == nil && b.ISUPAllTheWay() && b.CalledCategory() == 1
		},
		"- CON q1912.5-like": func(m *isupbody.Message, err error) bool {
			b, e := m.BackwardCall()
			return err == nil && e == nil && b == isupbody.BackwardCall{0, 1} && m.Type() == isupbody.MessageCON
		},
		"- REL busy BI":    rel(17, isupbody.LocationBeyondInterworking),
		"- REL 16 user":    rel(16, isupbody.LocationUser),
		"- REL 31 transit": rel(31, isupbody.LocationTransit),
		"- RLC":            only(isupbody.MessageRLC),
		"- SUS network":    suspended(isupbody.MessageSUS),
		"- RES network":    suspended(isupbody.MessageRES),
		"- SAM 1234": func(m *isupbody.Message, err error) bool {
			n, e := m.SubsequentNumber()
			return err == nil && e == nil && n.Digits() == "1234" && !n.ST()
		},
	}
	for _, v := range ownVectors(t) {
		f, ok := check[v.name]
		if !ok {
			if _, iam := wantIAM[v.name]; !iam {
				t.Errorf("%s: nobody says what it must decode to", v.name)
			}
			continue
		}
		delete(check, v.name)
		t.Run(v.name, func(t *testing.T) {
			m, err := isupbody.Decode(v.octets, isupbody.VariantITU)
			if !f(&m, err) {
				t.Errorf("%x: %v %v", v.octets, m.Type(), err)
			}
		})
	}
	for name := range check {
		t.Errorf("%s is not in the file", name)
	}
}

func acm(charge, status int, inBand bool) func(*isupbody.Message, error) bool {
	return func(m *isupbody.Message, err error) bool {
		b, e := m.BackwardCall()
		o, _ := m.OptionalBackwardCall()
		return err == nil && e == nil && m.Type() == isupbody.MessageACM &&
			b.Charge() == charge && b.CalledStatus() == status && o.InBand() == inBand
	}
}

func cpg(event isupbody.EventInformation, inBand bool) func(*isupbody.Message, error) bool {
	return func(m *isupbody.Message, err error) bool {
		got, e := m.EventInformation()
		o, _ := m.OptionalBackwardCall()
		return err == nil && e == nil && m.Type() == isupbody.MessageCPG && got == event && o.InBand() == inBand
	}
}

func rel(value uint8, location isupbody.Location) func(*isupbody.Message, error) bool {
	return func(m *isupbody.Message, err error) bool {
		c, e := m.Cause()
		return err == nil && e == nil && m.Type() == isupbody.MessageREL &&
			c.Value == value && c.Location == location && len(c.Diagnostics) == 0
	}
}

func suspended(typ isupbody.MessageType) func(*isupbody.Message, error) bool {
	return func(m *isupbody.Message, err error) bool {
		s, e := m.SuspendResume()
		return err == nil && e == nil && m.Type() == typ && s.ByNetwork()
	}
}

func only(typ isupbody.MessageType) func(*isupbody.Message, error) bool {
	return func(m *isupbody.Message, err error) bool {
		n := 0
		for range m.Parameters {
			n++
		}
		return err == nil && m.Type() == typ && n == 0 && len(m.Trailing()) == 0
	}
}
