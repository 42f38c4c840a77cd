package isupbody_test

import (
	"bytes"
	"errors"

	"sipid/isupbody"
)

// checkEdits replaces, inserts and removes, and writes a sound message as a draft.
func (x *mutator) checkEdits(m *isupbody.Message, err error) error {
	for p := range m.Parameters {
		if same, err := m.AppendReplacedNth(x.scratch[:0], p.Name, 0, first(m, p.Name)); err == nil && !bytes.Equal(same, m.Raw()) {
			return errChanged
		}
	}
	if err := x.checkReplaced(m); err != nil {
		return err
	}
	const name = isupbody.ParameterName(0xF7)
	with, insertErr := m.AppendInserted(x.scratch[:0], x.below(4), name, []byte{1, 2, 3})
	if insertErr == nil {
		if e := x.checkInserted(m, with, name); e != nil {
			return e
		}
	}
	if err != nil {
		return nil
	}
	return checkRewritten(m)
}

// checkReplaced gives one parameter other contents, longer or shorter ones.
func (x *mutator) checkReplaced(m *isupbody.Message) error {
	before := list(m)
	if len(before) == 0 {
		return nil
	}
	name := before[x.below(len(before))].Name
	at := 0
	for before[at].Name != name {
		at++
	}
	contents := x.pool[0].octets[:x.below(6)]
	out, err := m.AppendReplaced(x.scratch[:0], name, contents)
	if err != nil {
		return nil
	}
	edited, _ := isupbody.Decode(out, m.Variant())
	if edited.Variant() != m.Variant() {
		return nil // the octets tell the variants apart
	}
	before[at].Contents = contents
	if !sameParameters(list(&edited), before) || !bytes.Equal(edited.Trailing(), m.Trailing()) {
		return errChanged
	}
	return nil
}

func first(m *isupbody.Message, name isupbody.ParameterName) []byte {
	p, _ := m.Find(name, 0)
	return p.Contents
}

// checkInserted finds all there was and one more, and takes that out again.
func (x *mutator) checkInserted(m *isupbody.Message, with []byte, name isupbody.ParameterName) error {
	more, _ := isupbody.Decode(with, m.Variant())
	before, after := 0, 0
	for range m.Parameters {
		before++
	}
	nth := -1
	for p := range more.Parameters {
		after++
		if p.Name == name && p.Section == isupbody.Optional && bytes.Equal(p.Contents, []byte{1, 2, 3}) && nth < 0 {
			nth = 0
		}
	}
	if after != before+1 || nth < 0 {
		return errChanged
	}
	if m.Ended() && !more.Repeated(name) && len(m.Raw()) > 0 {
		without, err := more.AppendRemoved(nil, name, 0)
		if _, had := m.Optional(0, 0); err != nil || had {
			return errChanged
		}
		again, _ := isupbody.Decode(without, m.Variant())
		if !sameParameters(list(&again), list(m)) || !bytes.Equal(again.Trailing(), m.Trailing()) {
			return errChanged
		}
	}
	return nil
}

// checkRewritten writes a sound message as a draft and reads that.
func checkRewritten(m *isupbody.Message) error {
	d := isupbody.Draft{Type: m.Type(), Variant: m.Variant(), Parameters: list(m), Content: m.Content()}
	b, err := d.MarshalBinary()
	if errors.Is(err, isupbody.ErrTooLong) {
		return nil
	}
	if err != nil {
		return err
	}
	again, err := isupbody.Decode(b, m.Variant())
	if err != nil || again.Variant() != m.Variant() || !sameParameters(list(&again), d.Parameters) {
		return errChanged
	}
	return nil
}
