package decode

import (
	"fmt"

	"sipid/isupbody"
)

// warningsOf says everything about a message that somebody who looks into it
// should know: why reading stopped, and what is odd though it is accepted.
func warningsOf(f *finding, m *isupbody.Message, err error) []string {
	warnings := append([]string{}, f.Warnings...)
	add := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if err != nil {
		add("%v", err)
	}
	if m.Variant() != f.Label && m.Type() == isupbody.MessageIAM {
		add("labelled %v, but in the layout of %v", f.Label, m.Variant())
	}
	if err == nil && !m.Ended() {
		add("no end of optional parameters octet")
	}
	if rest := m.Trailing(); err == nil && len(rest) > 0 && m.Content() == nil {
		add("%d octets behind the message: %x", len(rest), rest[:min(len(rest), 32)])
	}
	counted := map[isupbody.ParameterName]int{}
	for p := range m.Parameters {
		if w := parameterWarning(m, p); w != "" {
			add("%s", w)
		}
		if counted[p.Name]++; counted[p.Name] == 2 && !mayRepeat(p.Name) {
			add("%s: there more than once", p.Name.In(m.Variant()))
		}
	}
	return warnings
}

// mayRepeat says whether a message may have several parameters of that name.
func mayRepeat(name isupbody.ParameterName) bool {
	switch name {
	case isupbody.ParamGenericNumber, isupbody.ParamGenericNotificationIndicator, isupbody.ParamApplicationTransport:
		return true
	}
	return false
}

func parameterWarning(m *isupbody.Message, p isupbody.Parameter) string {
	name := p.Name.In(m.Variant())
	if name == fmt.Sprintf("unknown_%d", uint8(p.Name)) {
		return fmt.Sprintf("%s: octet %d: not a parameter of Q.763", name, p.Offset-2)
	}
	if read := readings(m.Variant())[p.Name]; read != nil {
		if _, err := read(p); err != nil {
			return fmt.Sprintf("%s: octet %d: %v", name, p.Offset+len(p.Contents), err)
		}
	}
	if !p.Name.IsNumber() {
		return ""
	}
	n, err := p.Number()
	switch {
	case err != nil:
		return fmt.Sprintf("%s: octet %d: %v", name, p.Offset+len(p.Contents), err)
	case p.Name == isupbody.ParamOriginalCalledNumber && n.Len() == 0:
		return name + ": without digits"
	case p.Name == isupbody.ParamOriginalCalledNumber && !decimal(n):
		return name + ": not decimal"
	}
	return ""
}

func decimal(n isupbody.Number) bool {
	for _, c := range n.AppendDigits(nil) {
		if c > '9' {
			return false
		}
	}
	return true
}

// passedAlong gives the message that a PAM carries, and the warnings about it. One
// in another one is not looked into: nobody sends that, and a datagram full of them
// would be shown a thousand times over.
func passedAlong(m *isupbody.Message) (inner isupbody.Message, warnings []string, ok bool) {
	inner, err := m.PassedAlong()
	if m.Type() != isupbody.MessagePAM || inner.Type() == isupbody.MessagePAM || len(m.Content()) == 0 {
		return inner, nil, false
	}
	return inner, warningsOf(&finding{Label: inner.Variant()}, &inner, err), true
}
