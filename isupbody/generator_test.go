package isupbody_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"sipid/isupbody"
)

// generated is one random IAM and what a decoder must find in it.
type generated struct {
	octets   []byte // with gaps, trailing octets, or without an end octet
	iam      isupbody.IAM
	numbers  map[isupbody.ParameterName][]string // digits in order, a trailing F for ST
	hop      int                                 // -1: none
	optional []isupbody.ParameterName
}

// single are the number parameters that a generated IAM has at most once.
var single = []isupbody.ParameterName{
	isupbody.ParamCallingPartyNumber, isupbody.ParamOriginalCalledNumber, isupbody.ParamRedirectingNumber,
	isupbody.ParamRedirectionNumber, isupbody.ParamLocationNumber, isupbody.ParamConnectedNumber,
	isupbody.ParamCalledINNumber,
}

// generate makes n IAMs; the seed decides them.
func generate(tb testing.TB, seed uint64, n int) []generated {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	gs := make([]generated, n)
	for i := range gs {
		gs[i] = generateIAM(tb, r)
	}
	return gs
}

func generateIAM(tb testing.TB, r *rand.Rand) generated {
	g := generated{hop: -1, numbers: map[isupbody.ParameterName][]string{}}
	called := randomNumber(tb, r, true)
	g.numbers[isupbody.ParamCalledPartyNumber] = []string{withST(called)}
	g.iam = isupbody.NewIAM(called)
	g.iam.NatureOfConnection = isupbody.NatureOfConnection(r.UintN(32))
	g.iam.ForwardCall = isupbody.ForwardCall{byte(r.UintN(256)), byte(r.UintN(32))}
	g.iam.CallingPartyCategory = isupbody.CallingPartyCategory(r.UintN(18))
	g.iam.TransmissionMedium = isupbody.TransmissionMedium(r.UintN(11))
	for _, name := range single {
		if r.UintN(2) == 0 {
			g.addNumber(tb, r, name)
		}
	}
	for range r.UintN(4) {
		g.addNumber(tb, r, isupbody.ParamGenericNumber)
	}
	if r.UintN(2) == 0 {
		g.hop = int(r.UintN(32))
		g.iam.AddHopCounter(isupbody.HopCounter(g.hop))
	}
	g.addOthers(r)
	r.Shuffle(len(g.iam.Optional), func(i, j int) {
		o := g.iam.Optional
		o[i], o[j] = o[j], o[i]
	})
	g.finish(tb, r)
	return g
}

func (g *generated) addNumber(tb testing.TB, r *rand.Rand, name isupbody.ParameterName) {
	n := randomNumber(tb, r, false)
	n.Qualifier = isupbody.NumberQualifier(5 + r.UintN(5))
	if err := g.iam.AddNumber(name, n); err != nil {
		tb.Fatal(err)
	}
	last := &g.iam.Optional[len(g.iam.Optional)-1]
	if r.UintN(3) == 0 && n.Len()%2 == 1 && !n.ST() {
		last.Contents[len(last.Contents)-1] |= byte(r.UintN(16)) << 4 // the filler is nobody's business
	}
}

func (g *generated) addOthers(r *rand.Rand) {
	// Codes nobody has a meaning for: the reader must step over them.
	for range r.UintN(3) {
		g.iam.Add(isupbody.ParameterName(0xF0+r.UintN(16)), randomOctets(r, int(r.UintN(30))))
	}
	if r.UintN(4) == 0 {
		nasty := []byte("\r\n--b1\r\nContent-Type: application/isup\r\n\r\n")
		data := append(nasty, randomOctets(r, int(r.UintN(80)))...)
		u := isupbody.UserToUser{Protocol: 4, Data: data}
		g.iam.Add(isupbody.ParamUserToUserInformation, u.AppendContents(nil))
	}
	if r.UintN(4) == 0 {
		g.iam.Add(isupbody.ParamUserServiceInformation, []byte{0x80, 0x90, 0xA3})
	}
}

// finish encodes, and roughens the result as equipment does.
func (g *generated) finish(tb testing.TB, r *rand.Rand) {
	b, err := g.iam.MarshalBinary()
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range g.iam.Optional {
		g.optional = append(g.optional, p.Name)
		if p.Name.IsNumber() {
			p.Section = isupbody.Optional
			n, err := p.Number()
			if err != nil {
				tb.Fatal(err)
			}
			g.numbers[p.Name] = append(g.numbers[p.Name], withST(n))
		}
	}
	if r.UintN(3) == 0 { // a gap in front of the called number
		b = gap(b, 8, randomOctets(r, 1+int(r.UintN(6))), 6, 7)
	}
	if r.UintN(3) == 0 && b[7] != 0 { // a gap in front of the optional part
		b = gap(b, 7+int(b[7]), randomOctets(r, 1+int(r.UintN(6))), 7)
	}
	switch {
	case r.UintN(4) == 0:
		b = append(b, randomOctets(r, int(r.UintN(9)))...)
	case r.UintN(4) == 0 && b[7] != 0:
		b = b[:len(b)-1] // no end octet
	}
	g.octets = b
}

// gap puts octets in and moves the pointers at those offsets.
func gap(b []byte, at int, octets []byte, pointers ...int) []byte {
	out := append(bytes.Clone(b[:at]), octets...)
	out = append(out, b[at:]...)
	for _, p := range pointers {
		if out[p] != 0 {
			out[p] += byte(len(octets))
		}
	}
	return out
}

func randomNumber(tb testing.TB, r *rand.Rand, called bool) isupbody.Number {
	digits := make([]byte, 1+r.UintN(20))
	for i := range digits {
		digits[i] = "0123456789"[r.UintN(10)]
	}
	if r.UintN(5) == 0 {
		copy(digits, "00")
	}
	if r.UintN(8) == 0 {
		digits[r.UintN(uint(len(digits)))] = "ABCDE"[r.UintN(5)]
	}
	if called && r.UintN(2) == 0 || r.UintN(8) == 0 {
		digits = append(digits, 'F')
	}
	n := number(tb, string(digits))
	n.Nature = isupbody.NatureOfAddress(r.UintN(128))
	n.Plan = isupbody.NumberingPlan(r.UintN(8))
	n.Presentation = isupbody.Presentation(r.UintN(4))
	n.Screening = isupbody.Screening(r.UintN(4))
	n.INN, n.Incomplete = r.UintN(2) == 0, r.UintN(2) == 0
	// exception: generic-e164
	if n.Nature == isupbody.NatureInternational && n.Plan == isupbody.PlanISDN {
		n.Plan = isupbody.PlanPrivate
	}
	return n
}

func randomOctets(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

const generatedIAMs = 3000

// TestGeneratedIAMs decodes what was encoded: every number, the order of the
// parameters, and the IAM as a value.
func TestGeneratedIAMs(t *testing.T) {
	for i, g := range generate(t, 1, generatedIAMs) {
		m, err := isupbody.Decode(g.octets, isupbody.VariantITU)
		if err != nil {
			t.Fatalf("%d: %x: %v", i, g.octets, err)
		}
		got := map[isupbody.ParameterName][]string{}
		var optional []isupbody.ParameterName
		for p := range m.Parameters {
			if p.Section == isupbody.Optional {
				optional = append(optional, p.Name)
			}
			if p.Name.IsNumber() {
				n, err := p.Number()
				if err != nil {
					t.Fatalf("%d: %v: %v", i, p.Name, err)
				}
				got[p.Name] = append(got[p.Name], withST(n))
			}
		}
		if !equalNumbers(got, g.numbers) || string(names(optional)) != string(names(g.optional)) {
			t.Fatalf("%d: %x\n got %v %v\nwant %v %v", i, g.octets, got, optional, g.numbers, g.optional)
		}
		if h, err := m.HopCounter(); (err == nil) != (g.hop >= 0) || err == nil && int(h) != g.hop {
			t.Fatalf("%d: hop counter %d, %v, want %d", i, h, err, g.hop)
		}
		checkRoundTrip(t, g)
	}
}

func names(ns []isupbody.ParameterName) []byte {
	b := make([]byte, len(ns))
	for i, n := range ns {
		b[i] = byte(n)
	}
	return b
}

func equalNumbers(a, b map[isupbody.ParameterName][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, x := range a {
		y := b[name]
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
	}
	return true
}

func checkRoundTrip(t *testing.T, g generated) {
	t.Helper()
	var read isupbody.IAM
	if err := read.UnmarshalBinary(g.octets); err != nil {
		t.Fatal(err)
	}
	want, err := g.iam.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := read.MarshalBinary(); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("read and written again: %x, %v, want %x", got, err, want)
	}
}
