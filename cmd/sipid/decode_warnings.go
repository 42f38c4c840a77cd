package main

import (
	"errors"
	"fmt"

	"sipid/isupbody"
)

// decodeWarnings says everything about a message that somebody who looks into it
// should know: why reading stopped, and what is odd though it is accepted.
func decodeWarnings(f *isupFound, m *isupbody.Message, err error) []string {
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
	if rest := m.Trailing(); err == nil && len(rest) > 0 {
		add("%d octets behind the message: %x", len(rest), rest[:min(len(rest), 32)])
	}
	counted := map[isupbody.ParameterName]int{}
	for p := range m.Parameters {
		if w := parameterWarning(m, p); w != "" {
			add("%s", w)
		}
		if counted[p.Name]++; counted[p.Name] == 2 && p.Name != isupbody.ParamGenericNumber {
			add("%s: there more than once", p.Name.In(m.Variant()))
		}
	}
	for _, err := range valueErrors(m) {
		if err != nil && !errors.Is(err, isupbody.ErrAbsent) {
			add("%v", err)
		}
	}
	return warnings
}

// valueErrors asks for everything that is shown in words or as JSON and is no
// number.
func valueErrors(m *isupbody.Message) []error {
	var errs []error
	add := func(_ any, err error) { errs = append(errs, err) }
	add(m.RedirectionInformation())
	add(m.Cause())
	add(m.BackwardCall())
	add(m.OptionalBackwardCall())
	add(m.EventInformation())
	add(m.HopCounter())
	add(m.UserToUser())
	add(m.SuspendResume())
	return errs
}

func parameterWarning(m *isupbody.Message, p isupbody.Parameter) string {
	name := p.Name.In(m.Variant())
	if name == fmt.Sprintf("unknown_%d", uint8(p.Name)) {
		return fmt.Sprintf("%s: octet %d: not a parameter of Q.763", name, p.Offset-2)
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
