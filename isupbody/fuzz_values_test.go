package isupbody_test

import (
	"bytes"
	"errors"
	"testing"

	"sipid/isupbody"
)

// FuzzContents: contents that were read and written are in canonical form: reading
// and writing them again gives the same octets. Errors are those of short contents.
func FuzzContents(f *testing.F) {
	for _, g := range generateMessages(f, 7, 10*len(sipiTypes), isupbody.VariantITU) {
		for _, p := range g.draft.Parameters {
			f.Add(byte(p.Name), p.Contents)
		}
	}
	f.Fuzz(func(t *testing.T, code byte, contents []byte) {
		p := isupbody.Parameter{Name: isupbody.ParameterName(code), Contents: contents}
		if read, ok := readers[p.Name]; ok {
			if _, err := read(p); err != nil && !errors.Is(err, errShort) {
				t.Fatalf("%v %x: %v", p.Name, contents, err)
			}
		}
		written, ok := writtenAgain(p)
		if !ok {
			return
		}
		p.Contents = written
		if again, ok := writtenAgain(p); !ok || !bytes.Equal(again, written) {
			t.Fatalf("%v: %x became %x, then %x, %v", p.Name, contents, written, again, ok)
		}
	})
}

// FuzzRemove: without an optional parameter all others are what they were, and
// with it put back the message has the octets it had.
func FuzzRemove(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, byte(isupbody.ParamOriginalCalledNumber), uint8(0))
		f.Add(b, byte(isupbody.ParamGenericNumber), uint8(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, code byte, n uint8) {
		name := isupbody.ParameterName(code)
		m, _ := isupbody.Decode(b, isupbody.VariantITU)
		out, err := m.AppendRemoved(nil, name, int(n))
		if err != nil {
			return
		}
		before := optionalOnly(&m)
		at, left := 0, int(n)
		for ; before[at].Name != name || left > 0; at++ {
			if before[at].Name == name {
				left--
			}
		}
		without, _ := isupbody.Decode(out, m.Variant())
		after := optionalOnly(&without)
		if !sameParameters(after[:min(at, len(after))], before[:at]) || !sameParameters(after[at:], before[at+1:]) {
			t.Fatalf("%x became %x", b, out)
		}
		if !without.Ended() && len(after) > 0 || len(after) == 0 && !m.Ended() {
			return // nothing says where the optional part of it ends
		}
		back, err := without.AppendInserted(nil, at, name, before[at].Contents)
		if err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%x became %x, then %x: %v", b, out, back, err)
		}
	})
}

func optionalOnly(m *isupbody.Message) []isupbody.Parameter {
	var ps []isupbody.Parameter
	for p := range m.Parameters {
		if p.Section == isupbody.Optional {
			ps = append(ps, p)
		}
	}
	return ps
}

// FuzzDraft: what can be written at all decodes to what was asked for.
func FuzzDraft(f *testing.F) {
	for _, g := range generateMessages(f, 8, 2*len(sipiTypes), isupbody.VariantITU) {
		var ps []byte
		for _, p := range g.draft.Parameters {
			ps = append(append(ps, byte(p.Name), byte(len(p.Contents))), p.Contents...)
		}
		f.Add(byte(g.draft.Type), false, ps)
		f.Add(byte(g.draft.Type), true, ps)
	}
	f.Fuzz(func(t *testing.T, typ byte, ansi bool, list []byte) {
		d := isupbody.Draft{Type: isupbody.MessageType(typ), Variant: label(ansi)}
		for len(list) > 1 && 2+int(list[1]) <= len(list) {
			end := 2 + int(list[1])
			d.Add(isupbody.ParameterName(list[0]), list[2:end:end])
			list = list[end:]
		}
		b, err := d.MarshalBinary()
		var place *isupbody.ParseError
		if err != nil {
			if !errors.As(err, &place) || place.Message != d.Type || len(b) != 0 {
				t.Fatalf("%x, %#v", b, err)
			}
			return
		}
		m, err := isupbody.Decode(b, d.Variant)
		if err != nil || m.Type() != d.Type {
			t.Fatalf("%x: %v", b, err)
		}
		if d.Type == isupbody.MessageIAM && m.Variant() != d.Variant {
			return // octets that are right in both layouts
		}
		checkDrafted(t, d, &m)
	})
}

// checkDrafted finds each drafted parameter once.
func checkDrafted(t *testing.T, d isupbody.Draft, m *isupbody.Message) {
	t.Helper()
	got := list(m)
	if len(got) != len(d.Parameters) || len(m.Trailing()) != 0 {
		t.Fatalf("%x: %d parameters of %d, %x behind", m.Raw(), len(got), len(d.Parameters), m.Trailing())
	}
	nth := map[isupbody.ParameterName]int{}
	for _, want := range d.Parameters {
		p, ok := m.Find(want.Name, nth[want.Name])
		nth[want.Name]++
		if !ok || !bytes.Equal(p.Contents, want.Contents) {
			t.Fatalf("%x: %v %x, want %x", m.Raw(), want.Name, p.Contents, want.Contents)
		}
	}
}
