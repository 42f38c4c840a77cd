package decode

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

// Tree prints one ISUP message as Arguments does.
func Tree(w io.Writer, octets []byte) error {
	f := finding{Octets: octets}
	m, err := isupbody.Decode(octets, f.Label)
	return (&treeOutput{w: w}).message(&f, &m, warningsOf(&f, &m, err))
}

func (o *treeOutput) message(f *finding, m *isupbody.Message, warnings []string) error {
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
		fmt.Fprintf(t, "  %s\t%s\t%s\n", Name(m, p.Name), shortHex(p.Contents), Meaning(m, p))
	}
	t.Flush()
	if c := m.Content(); len(c) > 0 {
		fmt.Fprintf(&b, "  content  %s\n", shortHex(c))
	}
	for _, w := range warnings {
		fmt.Fprintf(&b, "  warning: %s\n", Visible(w))
	}
	if _, err := io.WriteString(o.w, b.String()); err != nil {
		return err
	}
	inner, warnings, ok := passedAlong(m)
	if !ok {
		return nil
	}
	return o.message(&finding{Place: "passed along by the message above"}, &inner, warnings)
}

func (o *treeOutput) end() error {
	if o.begun {
		return nil
	}
	_, err := io.WriteString(o.w, "no ISUP found\n")
	return err
}

// Name is the name of a parameter in Q.763's words, with the clause to look it up in.
func Name(m *isupbody.Message, name isupbody.ParameterName) string {
	s := strings.ReplaceAll(name.In(m.Variant()), "_", " ")
	s = strings.Replace(s, "partys", "party's", 1)
	if clause := name.Clause(); clause != "" {
		s += " (" + clause + ")"
	}
	return s
}

// shortHex keeps long contents from filling the screen; --json has all of them.
func shortHex(b []byte) string {
	const enough = 24
	if len(b) > enough {
		return fmt.Sprintf("%x... (%d octets)", b[:enough], len(b))
	}
	return fmt.Sprintf("%x", b)
}

// Meaning says what the contents of a parameter mean, empty where this package
// does not know or they cannot be read.
func Meaning(m *isupbody.Message, p isupbody.Parameter) string {
	if n, err := p.Number(); err == nil {
		return numberMeaning(p.Name, n)
	}
	if read := readings(m.Variant())[p.Name]; read != nil {
		words, _ := read(p)
		return words
	}
	return ""
}

// reading gives the words for a parameter's contents, or why there are none.
type reading func(isupbody.Parameter) (string, error)

// readings has all parameters that are shown in words and are no numbers.
func readings(v isupbody.Variant) map[isupbody.ParameterName]reading {
	return map[isupbody.ParameterName]reading{
		isupbody.ParamNatureOfConnectionIndicators:      words(isupbody.Parameter.NatureOfConnection, natureMeaning),
		isupbody.ParamForwardCallIndicators:             words(isupbody.Parameter.ForwardCall, forwardMeaning),
		isupbody.ParamOptionalForwardCallIndicators:     words(isupbody.Parameter.OptionalForwardCall, optionalForwardMeaning),
		isupbody.ParamCallingPartyCategory:              words(isupbody.Parameter.CallingPartyCategory, isupbody.CallingPartyCategory.String),
		isupbody.ParamTransmissionMediumRequirement:     words(isupbody.Parameter.TransmissionMedium, isupbody.TransmissionMedium.String),
		isupbody.ParamBackwardCallIndicators:            words(isupbody.Parameter.BackwardCall, backwardMeaning),
		isupbody.ParamOptionalBackwardCallIndicators:    words(isupbody.Parameter.OptionalBackwardCall, optionalBackwardMeaning),
		isupbody.ParamCauseIndicators:                   words(isupbody.Parameter.Cause, causeMeaning),
		isupbody.ParamEventInformation:                  words(isupbody.Parameter.EventInformation, eventMeaning),
		isupbody.ParamRedirectionInformation:            words(isupbody.Parameter.RedirectionInformation, redirectionMeaning),
		isupbody.ParamHopCounter:                        words(isupbody.Parameter.HopCounter, hopMeaning),
		isupbody.ParamUserToUserInformation:             words(isupbody.Parameter.UserToUser, userMeaning),
		isupbody.ParamUserToUserIndicators:              words(isupbody.Parameter.UserToUserIndicators, userIndicatorsMeaning),
		isupbody.ParamSuspendResumeIndicators:           words(isupbody.Parameter.SuspendResume, suspendMeaning),
		isupbody.ParamContinuityIndicators:              words(isupbody.Parameter.Continuity, continuityMeaning),
		isupbody.ParamUserServiceInformation:            words(isupbody.Parameter.UserService, userServiceMeaning),
		isupbody.ParamUserServiceInformationPrime:       words(isupbody.Parameter.UserService, userServiceMeaning),
		isupbody.ParamAccessTransport:                   words(isupbody.Parameter.AccessTransport, accessMeaning),
		isupbody.ParamGenericNotificationIndicator:      words(isupbody.Parameter.GenericNotification, notificationMeaning),
		isupbody.ParamParameterCompatibilityInformation: words(isupbody.Parameter.ParameterCompatibility, compatibilityMeaning(v)),
		isupbody.ParamPropagationDelayCounter:           words(isupbody.Parameter.PropagationDelay, delayMeaning),
		isupbody.ParamTransitNetworkSelection:           words(isupbody.Parameter.TransitNetwork, networkMeaning),
		isupbody.ParamApplicationTransport:              words(isupbody.Parameter.ApplicationTransport, transportMeaning),
	}
}

// words joins the reader of a parameter and the words for what it gives.
func words[T any](read func(isupbody.Parameter) (T, error), say func(T) string) reading {
	return func(p isupbody.Parameter) (string, error) {
		v, err := read(p)
		if err != nil {
			return "", err
		}
		return say(v), nil
	}
}
