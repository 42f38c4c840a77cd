package routertest

import (
	"strings"
	"testing"

	"sipid/isupbody"
)

// IAM is an IAM to that called party number, with these optional parameters.
func IAM(t testing.TB, called string, optional ...isupbody.Parameter) []byte {
	t.Helper()
	d := isupbody.Draft{Type: isupbody.MessageIAM, Parameters: append([]isupbody.Parameter{
		{Name: isupbody.ParamNatureOfConnectionIndicators, Contents: []byte{0}},
		{Name: isupbody.ParamForwardCallIndicators, Contents: []byte{0x20, 0x01}},
		{Name: isupbody.ParamCallingPartyCategory, Contents: []byte{0x0A}},
		{Name: isupbody.ParamTransmissionMediumRequirement, Contents: []byte{0x03}},
		Number(t, isupbody.ParamCalledPartyNumber, called),
	}, optional...)}
	octets, err := d.AppendBinary(nil)
	if err != nil {
		t.Fatalf("IAM: %v", err)
	}
	return octets
}

// Number is a number parameter with these digits.
func Number(t testing.TB, name isupbody.ParameterName, digits string) isupbody.Parameter {
	t.Helper()
	n, err := isupbody.NewNumber(digits)
	if err != nil {
		t.Fatalf("NewNumber(%q): %v", digits, err)
	}
	contents, err := n.AppendContents(nil, name)
	if err != nil {
		t.Fatalf("AppendContents: %v", err)
	}
	return isupbody.Parameter{Name: name, Contents: contents}
}

// CallingParty is a calling party number, an international one with + in front.
func CallingParty(t testing.TB, digits string, restricted bool) isupbody.Parameter {
	t.Helper()
	bare, international := strings.CutPrefix(digits, "+")
	p := Number(t, isupbody.ParamCallingPartyNumber, bare)
	if international {
		p.Contents[0] = p.Contents[0]&0x80 | byte(isupbody.NatureInternational)
	}
	if restricted {
		p.Contents[1] |= byte(isupbody.PresentationRestricted) << 2
	}
	return p
}
