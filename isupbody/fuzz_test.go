package isupbody_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sipid/isupbody"
)

// seeds are the octets of all vectors. The loaders fail when they find none.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	var all [][]byte
	for _, v := range ownVectors(f) {
		all = append(all, v.octets)
	}
	for _, v := range oddVectors(f) {
		all = append(all, v.octets)
	}
	for _, g := range generate(f, 3, 20) {
		all = append(all, g.octets)
	}
	for _, g := range generateMessages(f, 3, 2*len(sipiTypes), isupbody.VariantITU) {
		all = append(all, g.octets)
	}
	return all
}

func label(ansi bool) isupbody.Variant {
	if ansi {
		return isupbody.VariantANSI
	}
	return isupbody.VariantITU
}

// FuzzDecode: no panic, errors are ours and point into the octets, parameters
// are sub-slices in wire order, numbers hold nothing but hex digits.
func FuzzDecode(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Fuzz(func(t *testing.T, b []byte, ansi bool) {
		before := bytes.Clone(b)
		m, err := isupbody.Decode(b, label(ansi))
		var place *isupbody.ParseError
		if err != nil && (!errors.As(err, &place) || place.Offset < 0 || place.Offset > len(b)) {
			t.Fatalf("error %#v", err)
		}
		checkPlaces(t, b, &m)
		checkGetters(t, &m)
		if !bytes.Equal(b, before) {
			t.Fatal("the octets were changed")
		}
	})
}

func checkPlaces(t *testing.T, b []byte, m *isupbody.Message) {
	end := 0
	for p := range m.Parameters {
		if p.Offset < 1 || p.Offset+len(p.Contents) > len(b) || cap(p.Contents) != len(p.Contents) {
			t.Fatalf("%v at %d, %d octets, of %d", p.Name, p.Offset, len(p.Contents), len(b))
		}
		if len(p.Contents) > 0 && &p.Contents[0] != &b[p.Offset] {
			t.Fatalf("%v is not where it says", p.Name)
		}
		if p.Section == isupbody.Optional {
			if p.Offset < end {
				t.Fatalf("%v overlaps what is before it", p.Name)
			}
			if b[p.Offset-2] != byte(p.Name) || int(b[p.Offset-1]) != len(p.Contents) {
				t.Fatalf("%v has another code or length in front", p.Name)
			}
		}
		end = max(end, p.Offset+len(p.Contents))
	}
	if rest := m.Trailing(); len(rest) > len(b) || !bytes.HasSuffix(b, rest) {
		t.Fatalf("trailing octets %x", rest)
	}
}

func checkGetters(t *testing.T, m *isupbody.Message) {
	for p := range m.Parameters {
		n, err := p.Number()
		if err != nil {
			continue
		}
		digits := n.AppendDigits(nil)
		if len(digits) != n.Len() || len(digits) > 2*len(p.Contents) || strings.Trim(string(digits), "0123456789ABCDEF") != "" {
			t.Fatalf("%v: %q, Len %d", p.Name, digits, n.Len())
		}
	}
	var place *isupbody.ParseError
	for _, err := range allGetters(m) {
		if err != nil && !errors.Is(err, isupbody.ErrAbsent) && !errors.As(err, &place) {
			t.Fatalf("getter: %v", err)
		}
	}
}

// FuzzPrefix: what a cut message says about numbers the whole one says too, or
// refuses.
func FuzzPrefix(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, uint16(len(b)/2), false)
		f.Add(b, uint16(max(len(b), 1)-1), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16, ansi bool) {
		if int(cut) > len(b) {
			return
		}
		part, _ := isupbody.Decode(b[:cut], label(ansi))
		whole, err := isupbody.Decode(b, label(ansi))
		if err != nil {
			return
		}
		for _, get := range identity {
			if p := get(&part); p != "-" && p != get(&whole) {
				t.Fatalf("%x cut at %d: %s, whole: %s", b, cut, p, get(&whole))
			}
		}
	})
}

// identity are the answers a call is identified by.
var identity = []func(*isupbody.Message) string{
	func(m *isupbody.Message) string { return getNumber(m.CalledPartyNumber) },
	func(m *isupbody.Message) string { return getNumber(m.CallingPartyNumber) },
	func(m *isupbody.Message) string { return getNumber(m.OriginalCalledNumber) },
	func(m *isupbody.Message) string { return getNumber(m.RedirectingNumber) },
	func(m *isupbody.Message) string {
		return getNumber(func() (isupbody.Number, error) { return m.GenericNumber(0) })
	},
}

// FuzzRoundTrip: what was decoded and is written as a draft decodes to the same
// parameters in the same order.
func FuzzRoundTrip(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Fuzz(func(t *testing.T, b []byte, ansi bool) {
		m, err := isupbody.Decode(b, label(ansi))
		if err != nil {
			return
		}
		d := isupbody.Draft{Type: m.Type(), Variant: m.Variant(), Parameters: list(&m), Content: m.Content()}
		written, err := d.MarshalBinary()
		if errors.Is(err, isupbody.ErrTooLong) {
			return // the called number is further away than one octet can say
		}
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		again, err := isupbody.Decode(written, m.Variant())
		if err != nil || again.Variant() != m.Variant() || !sameParameters(list(&again), d.Parameters) {
			t.Fatalf("%x became %x: %v", b, written, err)
		}
		second, err := isupbody.Draft{Type: m.Type(), Variant: m.Variant(), Parameters: list(&again), Content: again.Content()}.MarshalBinary()
		if err != nil || !bytes.Equal(second, written) {
			t.Fatalf("%x became %x, then %x: %v", b, written, second, err)
		}
	})
}

func list(m *isupbody.Message) []isupbody.Parameter {
	var ps []isupbody.Parameter
	for p := range m.Parameters {
		ps = append(ps, p)
	}
	return ps
}

func sameParameters(a, b []isupbody.Parameter) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].Section != b[i].Section || !bytes.Equal(a[i].Contents, b[i].Contents) {
			return false
		}
	}
	return true
}

// FuzzInsertUnknown: an unknown parameter, wherever it is put in, changes nobody's
// identity, and taking it out again gives the octets there were.
func FuzzInsertUnknown(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, 0, byte(0xFE), []byte{1, 2, 3})
		f.Add(b, -1, byte(0xF1), []byte("\r\n"))
	}
	f.Fuzz(func(t *testing.T, b []byte, index int, code byte, contents []byte) {
		name := isupbody.ParameterName(code)
		m, _ := isupbody.Decode(b, isupbody.VariantITU)
		if code < 0xF0 || len(contents) > 255 {
			return
		}
		out, err := m.AppendInserted(nil, index, name, contents)
		if err != nil {
			return
		}
		with, _ := isupbody.Decode(out, m.Variant())
		for _, get := range identity {
			if get(&with) != get(&m) {
				t.Fatalf("%x became %x: %s, was %s", b, out, get(&with), get(&m))
			}
		}
		checkTakenOut(t, &m, &with, name, contents)
	})
}

// checkTakenOut finds the parameter that was inserted and removes it.
func checkTakenOut(t *testing.T, m, with *isupbody.Message, name isupbody.ParameterName, contents []byte) {
	before, after := list(m), list(with)
	if len(after) != len(before)+1 {
		t.Fatalf("%d parameters became %d", len(before), len(after))
	}
	at, nth := 0, 0
	for at < len(before) && before[at].Name == after[at].Name && bytes.Equal(before[at].Contents, after[at].Contents) {
		if after[at].Name == name && after[at].Section == isupbody.Optional {
			nth++
		}
		at++
	}
	if after[at].Name != name || !bytes.Equal(after[at].Contents, contents) {
		t.Fatalf("%x: the parameter is not in", with.Raw())
	}
	without, err := with.AppendRemoved(nil, name, nth)
	if err != nil {
		t.Fatal(err)
	}
	taken, _ := isupbody.Decode(without, m.Variant())
	if !sameParameters(list(&taken), before) || !bytes.Equal(taken.Trailing(), m.Trailing()) {
		t.Fatalf("%x became %x, then %x", m.Raw(), with.Raw(), without)
	}
}

// FuzzReplace: an edit changes its parameter and nothing else; putting the old
// contents back gives the octets there were.
func FuzzReplace(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, byte(isupbody.ParamOriginalCalledNumber), []byte{0x03, 0x10, 0x21})
		f.Add(b, byte(isupbody.ParamCalledPartyNumber), []byte{0x03, 0x10, 0x21, 0x43, 0x65, 0x87, 0x09})
		f.Add(b, byte(isupbody.ParamCauseIndicators), []byte{0x80, 0x90})
	}
	f.Fuzz(func(t *testing.T, b []byte, code byte, contents []byte) {
		name := isupbody.ParameterName(code)
		m, _ := isupbody.Decode(b, isupbody.VariantITU)
		out, err := m.AppendReplaced([]byte("kept"), name, contents)
		if !bytes.HasPrefix(out, []byte("kept")) {
			t.Fatalf("what was in the buffer is gone: %x", out)
		}
		if err != nil {
			if len(out) != 4 {
				t.Fatalf("%v, and %x was appended", err, out)
			}
			return
		}
		edited, _ := isupbody.Decode(out[4:], m.Variant())
		if name == isupbody.ParamTransmissionMediumRequirement && edited.Variant() != m.Variant() {
			return // the octet is what tells the variants apart
		}
		checkEdited(t, &m, &edited, name, contents)
	})
}

func checkEdited(t *testing.T, m, edited *isupbody.Message, name isupbody.ParameterName, contents []byte) {
	before, after := list(m), list(edited)
	for i := range before {
		if before[i].Name == name {
			before[i].Contents = contents
			break
		}
	}
	if !sameParameters(before, after) || !bytes.Equal(m.Trailing(), edited.Trailing()) || m.Ended() != edited.Ended() {
		t.Fatalf("%x became %x", m.Raw(), edited.Raw())
	}
	old, _ := m.Find(name, 0)
	back, err := edited.AppendReplaced(nil, name, old.Contents)
	if err != nil || !bytes.Equal(back, m.Raw()) {
		t.Fatalf("%x became %x, then %x: %v", m.Raw(), edited.Raw(), back, err)
	}
}
