package isupbody_test

import (
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"sipid/isupbody"
)

// TestNumbers decodes the contents of each number parameter and writes them again.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		parameter isupbody.ParameterName
		contents  string
		digits    string // a trailing F is ST
		want      isupbody.Number
	}{
		{isupbody.ParamCalledPartyNumber, "03905961f5", "95165F",
			isupbody.Number{Nature: isupbody.NatureNational, Plan: isupbody.PlanISDN, INN: true}},
		{isupbody.ParamCallingPartyNumber, "83975103", "153",
			isupbody.Number{Nature: isupbody.NatureNational, Plan: isupbody.PlanISDN, Incomplete: true,
				Presentation: isupbody.PresentationRestricted, Screening: isupbody.ScreeningNetwork}},
		{isupbody.ParamOriginalCalledNumber, "049800", "00",
			isupbody.Number{Nature: isupbody.NatureInternational, Plan: isupbody.PlanISDN, Presentation: isupbody.PresentationNotAvailable}},
		{isupbody.ParamRedirectingNumber, "821401", "1",
			isupbody.Number{Nature: isupbody.NatureUnknown, Plan: isupbody.PlanISDN, Presentation: isupbody.PresentationRestricted}},
		{isupbody.ParamRedirectionNumber, "05d0bc", "CB",
			isupbody.Number{Nature: isupbody.NatureNetworkSpecific, Plan: isupbody.PlanPrivate, INN: true}},
		{isupbody.ParamLocationNumber, "03b71032", "0123",
			isupbody.Number{Nature: isupbody.NatureNational, Plan: isupbody.PlanData, INN: true,
				Presentation: isupbody.PresentationRestricted, Screening: isupbody.ScreeningNetwork}},
		{isupbody.ParamConnectedNumber, "014143", "34",
			isupbody.Number{Nature: isupbody.NatureSubscriber, Plan: isupbody.PlanTelex, Screening: isupbody.ScreeningUserVerified}},
		{isupbody.ParamGenericNumber, "0684921032547609", "012345679",
			isupbody.Number{Qualifier: isupbody.QualifierAdditionalCalling, Nature: isupbody.NatureInternational,
				Plan: isupbody.PlanISDN, Incomplete: true, Screening: isupbody.ScreeningUserFailed}},
		{isupbody.ParamCalledINNumber, "03600e", "E0",
			isupbody.Number{Nature: isupbody.NatureNational, Plan: isupbody.PlanNational}},
		{isupbody.ParamOriginalCalledINNumber, "031000", "00",
			isupbody.Number{Nature: isupbody.NatureNational, Plan: isupbody.PlanISDN}},
		{isupbody.ParamCallTransferNumber, "884383603308", "3806338",
			isupbody.Number{Nature: 8, Plan: isupbody.PlanTelex, Screening: isupbody.ScreeningNetwork}},
		{isupbody.ParamSubsequentNumber, "802101", "121", isupbody.Number{}},
	} {
		t.Run(c.parameter.String(), func(t *testing.T) {
			p := isupbody.Parameter{Name: c.parameter, Contents: unhex(t, c.contents)}
			n, err := p.Number()
			if err != nil {
				t.Fatal(err)
			}
			if got := withST(n); got != c.digits {
				t.Errorf("digits %s, want %s", got, c.digits)
			}
			checkFields(t, n, c.want)
			written, err := n.AppendContents([]byte{7}, c.parameter)
			if err != nil || hex.EncodeToString(written) != "07"+writtenContents(c.parameter, c.contents) {
				t.Errorf("written as %x, %v", written, err)
			}
		})
	}
}

// writtenContents is what strict writing makes of the contents above: the spare
// bits of the original called number are 0.
func writtenContents(name isupbody.ParameterName, contents string) string {
	if name == isupbody.ParamOriginalCalledNumber {
		return strings.Replace(contents, "0498", "0418", 1)
	}
	return contents
}

func checkFields(t *testing.T, got, want isupbody.Number) {
	t.Helper()
	if got.Nature != want.Nature || got.Plan != want.Plan || got.Presentation != want.Presentation ||
		got.Screening != want.Screening || got.Qualifier != want.Qualifier ||
		got.INN != want.INN || got.Incomplete != want.Incomplete {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestNumberShort(t *testing.T) {
	for name, contents := range map[isupbody.ParameterName][]string{
		isupbody.ParamCalledPartyNumber: {"", "03"},
		isupbody.ParamGenericNumber:     {"", "06", "0603"},
		isupbody.ParamSubsequentNumber:  {""},
	} {
		for _, c := range contents {
			_, err := isupbody.Parameter{Name: name, Contents: unhex(t, c)}.Number()
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v %q: %v", name, c, err)
			}
		}
	}
	_, err := isupbody.Parameter{Name: isupbody.ParamHopCounter}.Number()
	if !errors.Is(err, isupbody.ErrNotNumber) {
		t.Errorf("hop counter: %v", err)
	}
}

func TestNewNumber(t *testing.T) {
	for _, c := range []struct {
		digits, contents string
		length           int
		st               bool
	}{
		{"", "0310", 0, false},
		{"1", "831001", 1, false},
		{"00", "031000", 2, false},
		{"95165F", "03105961f5", 5, true},
		{"9516F", "83105961" + "0f", 4, true},
		{"F", "83100f", 0, true},
		{"abcde", "8310badc0e", 5, false},
		{strings.Repeat("1", 504), "0310" + strings.Repeat("11", 252), 504, false},
	} {
		n, err := isupbody.NewNumber(c.digits)
		if err != nil {
			t.Fatalf("%q: %v", c.digits, err)
		}
		got, err := n.AppendContents(nil, isupbody.ParamOriginalCalledNumber)
		if err != nil || hex.EncodeToString(got) != c.contents || n.Len() != c.length || n.ST() != c.st {
			t.Errorf("%.12q: %x, %v, Len %d, ST %v", c.digits, got, err, n.Len(), n.ST())
		}
	}
	for _, bad := range []string{"1F2", "FF", "12G", "+86", "1 2", "１"} {
		if _, err := isupbody.NewNumber(bad); !errors.Is(err, isupbody.ErrDigit) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	long := number(t, strings.Repeat("1", 506))
	if got, err := long.AppendContents(nil, isupbody.ParamOriginalCalledNumber); !errors.Is(err, isupbody.ErrTooLong) || got != nil {
		t.Errorf("506 digits: %x, %v", got, err)
	}
	if _, err := long.AppendContents(nil, isupbody.ParamHopCounter); !errors.Is(err, isupbody.ErrNotNumber) {
		t.Errorf("a number as hop counter: %v", err)
	}
}

// TestNumberAliases holds that a number is a view: whoever changes the octets
// changes the number, and whoever appends to the digits does not change the octets.
func TestNumberAliases(t *testing.T) {
	octets := unhex(t, typicalIAM)
	m, err := isupbody.Decode(octets, isupbody.VariantITU)
	if err != nil {
		t.Fatal(err)
	}
	n, err := m.OriginalCalledNumber()
	if err != nil {
		t.Fatal(err)
	}
	octets[len(octets)-2] = 0x99
	if n.Digits() != "1001000012345699" {
		t.Errorf("digits %s", n.Digits())
	}
	p, _ := m.Optional(isupbody.ParamCallingPartyNumber, 0)
	_ = append(p.Contents, 0xAA)
	if octets[p.Offset+len(p.Contents)] == 0xAA {
		t.Error("appending to the contents wrote into the message")
	}
}
