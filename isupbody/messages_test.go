package isupbody_test

import (
	"bytes"
	"testing"

	"sipid/isupbody"
)

const generatedMessages = 5000

// TestGeneratedMessages decodes what was drafted, in both variants: every
// parameter in its order with its octets, and every value written again.
func TestGeneratedMessages(t *testing.T) {
	for _, v := range []isupbody.Variant{isupbody.VariantITU, isupbody.VariantANSI} {
		counted := map[isupbody.MessageType]int{}
		for i, g := range generateMessages(t, 4, generatedMessages, v) {
			m, err := isupbody.Decode(g.octets, v)
			if err != nil {
				t.Fatalf("%d: %x: %v", i, g.octets, err)
			}
			counted[m.Type()]++
			if m.Type() != g.draft.Type || !bytes.Equal(m.Content(), g.draft.Content) {
				t.Fatalf("%d: %v %x, want %v %x", i, m.Type(), m.Content(), g.draft.Type, g.draft.Content)
			}
			if m.Type() == isupbody.MessageIAM && m.Variant() != v {
				t.Fatalf("%d: %x read as %v", i, g.octets, m.Variant())
			}
			ps := list(&m)
			if len(ps) != len(g.draft.Parameters) {
				t.Fatalf("%d: %x: %d parameters of %d", i, g.octets, len(ps), len(g.draft.Parameters))
			}
			for n, p := range ps {
				want := g.draft.Parameters[n]
				if p.Name != want.Name || !bytes.Equal(p.Contents, want.Contents) {
					t.Fatalf("%d: %x: %v %x, want %v %x", i, g.octets, p.Name, p.Contents, want.Name, want.Contents)
				}
				if again, ok := writtenAgain(p); ok && !bytes.Equal(again, p.Contents) {
					t.Fatalf("%d: %v %x written again as %x", i, p.Name, p.Contents, again)
				}
			}
		}
		if len(counted) != len(sipiTypes) {
			t.Errorf("%d message types of %d", len(counted), len(sipiTypes))
		}
	}
}

// writtenAgain reads a parameter into its type and writes that; ok is false where
// this package has no type for it, or the contents are too short.
func writtenAgain(p isupbody.Parameter) (b []byte, ok bool) {
	if p.Name.IsNumber() {
		n, err := p.Number()
		if err != nil {
			return nil, false
		}
		b, err = n.AppendContents(nil, p.Name)
		return b, err == nil
	}
	read, ok := readers[p.Name]
	if !ok {
		return nil, false
	}
	v, err := read(p)
	if err != nil {
		return nil, false
	}
	return v.AppendContents(nil), true
}

// value is what every type of a parameter can do.
type value interface{ AppendContents(dst []byte) []byte }

// readers has the reader of every parameter with a type of its own.
var readers = map[isupbody.ParameterName]func(isupbody.Parameter) (value, error){
	isupbody.ParamNatureOfConnectionIndicators:      reader(isupbody.Parameter.NatureOfConnection),
	isupbody.ParamForwardCallIndicators:             reader(isupbody.Parameter.ForwardCall),
	isupbody.ParamBackwardCallIndicators:            reader(isupbody.Parameter.BackwardCall),
	isupbody.ParamCallingPartyCategory:              reader(isupbody.Parameter.CallingPartyCategory),
	isupbody.ParamTransmissionMediumRequirement:     reader(isupbody.Parameter.TransmissionMedium),
	isupbody.ParamOptionalBackwardCallIndicators:    reader(isupbody.Parameter.OptionalBackwardCall),
	isupbody.ParamOptionalForwardCallIndicators:     reader(isupbody.Parameter.OptionalForwardCall),
	isupbody.ParamEventInformation:                  reader(isupbody.Parameter.EventInformation),
	isupbody.ParamSuspendResumeIndicators:           reader(isupbody.Parameter.SuspendResume),
	isupbody.ParamContinuityIndicators:              reader(isupbody.Parameter.Continuity),
	isupbody.ParamUserToUserIndicators:              reader(isupbody.Parameter.UserToUserIndicators),
	isupbody.ParamHopCounter:                        reader(isupbody.Parameter.HopCounter),
	isupbody.ParamPropagationDelayCounter:           reader(isupbody.Parameter.PropagationDelay),
	isupbody.ParamRedirectionInformation:            reader(isupbody.Parameter.RedirectionInformation),
	isupbody.ParamCauseIndicators:                   reader(isupbody.Parameter.Cause),
	isupbody.ParamUserServiceInformation:            reader(isupbody.Parameter.UserService),
	isupbody.ParamUserServiceInformationPrime:       reader(isupbody.Parameter.UserService),
	isupbody.ParamUserToUserInformation:             reader(isupbody.Parameter.UserToUser),
	isupbody.ParamAccessTransport:                   reader(isupbody.Parameter.AccessTransport),
	isupbody.ParamGenericNotificationIndicator:      reader(isupbody.Parameter.GenericNotification),
	isupbody.ParamParameterCompatibilityInformation: reader(isupbody.Parameter.ParameterCompatibility),
	isupbody.ParamTransitNetworkSelection:           reader(isupbody.Parameter.TransitNetwork),
	isupbody.ParamApplicationTransport:              reader(isupbody.Parameter.ApplicationTransport),
}

func reader[T value](read func(isupbody.Parameter) (T, error)) func(isupbody.Parameter) (value, error) {
	return func(p isupbody.Parameter) (value, error) { return read(p) }
}
