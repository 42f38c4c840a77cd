package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sipid/isupbody"
)

// treeOutput writes a message as a heading and a line for each parameter.
type treeOutput struct {
	w     io.Writer
	begun bool
}

func (o *treeOutput) message(f *isupFound, m *isupbody.Message, warnings []string) error {
	var b strings.Builder
	if o.begun {
		b.WriteByte('\n')
	}
	o.begun = true
	if f.Place != "" {
		fmt.Fprintln(&b, f.Place)
	}
	heading := m.Type().String()
	if m.Type().Known() {
		heading += ": " + m.Type().Title()
	}
	fmt.Fprintf(&b, "%s (%v, %d octets)\n", heading, m.Variant(), len(m.Raw()))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.DiscardEmptyColumns)
	for p := range m.Parameters {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", treeName(m, p.Name), treeHex(p.Contents), treeMeaning(m, p))
	}
	t.Flush()
	for _, w := range warnings {
		fmt.Fprintf(&b, "  warning: %s\n", visible(w))
	}
	_, err := io.WriteString(o.w, b.String())
	return err
}

func (o *treeOutput) end() error {
	if o.begun {
		return nil
	}
	_, err := io.WriteString(o.w, "no ISUP found\n")
	return err
}

// treeName is the name in Q.763's words, with the clause to look it up in.
func treeName(m *isupbody.Message, name isupbody.ParameterName) string {
	s := strings.ReplaceAll(name.In(m.Variant()), "_", " ")
	s = strings.Replace(s, "partys", "party's", 1)
	if clause := name.Clause(); clause != "" {
		s += " (" + clause + ")"
	}
	return s
}

// treeHex keeps long contents from filling the screen; --json has all of them.
func treeHex(b []byte) string {
	const enough = 24
	if len(b) > enough {
		return fmt.Sprintf("%x... (%d octets)", b[:enough], len(b))
	}
	return fmt.Sprintf("%x", b)
}

// treeMeaning says what the contents mean, where this package knows.
func treeMeaning(m *isupbody.Message, p isupbody.Parameter) string {
	if n, err := p.Number(); err == nil {
		return numberMeaning(p.Name, n)
	}
	if first, ok := m.Find(p.Name, 0); !ok || first.Offset != p.Offset {
		return "" // getters read the first of its name
	}
	switch p.Name {
	case isupbody.ParamNatureOfConnectionIndicators:
		return meaning(m.NatureOfConnection())(natureMeaning)
	case isupbody.ParamForwardCallIndicators:
		return meaning(m.ForwardCall())(forwardMeaning)
	case isupbody.ParamCallingPartyCategory:
		return meaning(m.CallingPartyCategory())(isupbody.CallingPartyCategory.String)
	case isupbody.ParamTransmissionMediumRequirement:
		return meaning(m.TransmissionMedium())(isupbody.TransmissionMedium.String)
	case isupbody.ParamBackwardCallIndicators:
		return meaning(m.BackwardCall())(backwardMeaning)
	case isupbody.ParamOptionalBackwardCallIndicators:
		return meaning(m.OptionalBackwardCall())(optionalBackwardMeaning)
	case isupbody.ParamCauseIndicators:
		return meaning(m.Cause())(causeMeaning)
	case isupbody.ParamEventInformation:
		return meaning(m.EventInformation())(eventMeaning)
	case isupbody.ParamRedirectionInformation:
		return meaning(m.RedirectionInformation())(redirectionMeaning)
	case isupbody.ParamHopCounter:
		return meaning(m.HopCounter())(func(h isupbody.HopCounter) string { return fmt.Sprint(uint8(h)) })
	case isupbody.ParamUserToUserInformation:
		return meaning(m.UserToUser())(userMeaning)
	case isupbody.ParamSuspendResumeIndicators:
		return meaning(m.SuspendResume())(suspendMeaning)
	}
	return ""
}

// meaning joins a getter and the words for what it gives; an error is in the
// warnings already.
func meaning[T any](v T, err error) func(func(T) string) string {
	return func(words func(T) string) string {
		if err != nil {
			return ""
		}
		return words(v)
	}
}
