package isupbody_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"sipid/isupbody"
)

func TestNatureOfConnection(t *testing.T) {
	m := decode(t, "0119000000000200"+"020310")
	n, err := m.NatureOfConnection()
	if err != nil || n.Satellites() != 1 || n.ContinuityCheck() != 2 || !n.EchoDevice() {
		t.Errorf("%#x, %v", n, err)
	}
	if isupbody.NatureOfConnection(0xE0).EchoDevice() {
		t.Error("a spare bit is taken for bit E")
	}
}

// TestForwardCall sets one bit after the other and looks which getter sees it.
func TestForwardCall(t *testing.T) {
	show := func(f isupbody.ForwardCall) string {
		return fmt.Sprint(f.International(), f.EndToEndMethod(), f.Interworking(), f.EndToEndInformation(),
			f.ISUPAllTheWay(), f.Preference(), f.ISDNAccess(), f.SCCPMethod(), f.PortedNumberTranslated(), f.QueryOnRelease())
	}
	for f, want := range map[isupbody.ForwardCall]string{
		{}:           "false 0 false false false 0 false 0 false false",
		{0x01}:       "true 0 false false false 0 false 0 false false",
		{0x06}:       "false 3 false false false 0 false 0 false false",
		{0x08}:       "false 0 true false false 0 false 0 false false",
		{0x10}:       "false 0 false true false 0 false 0 false false",
		{0x20}:       "false 0 false false true 0 false 0 false false",
		{0x80}:       "false 0 false false false 2 false 0 false false",
		{0, 0x01}:    "false 0 false false false 0 true 0 false false",
		{0, 0x04}:    "false 0 false false false 0 false 2 false false",
		{0, 0x08}:    "false 0 false false false 0 false 0 false false",
		{0, 0x10}:    "false 0 false false false 0 false 0 true false",
		{0, 0x20}:    "false 0 false false false 0 false 0 false true",
		{0xFF, 0xFF}: "true 3 true true true 3 true 3 true true",
	} {
		if got := show(f); got != want {
			t.Errorf("%x: %s, want %s", f, got, want)
		}
	}
	m := decode(t, typicalIAM)
	if f, err := m.ForwardCall(); err != nil || f != (isupbody.ForwardCall{0x20, 0x01}) {
		t.Errorf("%x, %v", f, err)
	}
}

func TestBackwardCall(t *testing.T) {
	show := func(b isupbody.BackwardCall) string {
		return fmt.Sprint(b.Charge(), b.CalledStatus(), b.CalledCategory(), b.EndToEndMethod(), b.Interworking(),
			b.EndToEndInformation(), b.ISUPAllTheWay(), b.Holding(), b.ISDNAccess(), b.EchoDevice(), b.SCCPMethod())
	}
	for b, want := range map[isupbody.BackwardCall]string{
		{0x02}:    "2 0 0 0 false false false false false false 0",
		{0x04}:    "0 1 0 0 false false false false false false 0",
		{0x20}:    "0 0 2 0 false false false false false false 0",
		{0xC0}:    "0 0 0 3 false false false false false false 0",
		{0, 0x01}: "0 0 0 0 true false false false false false 0",
		{0, 0x02}: "0 0 0 0 false true false false false false 0",
		{0, 0x04}: "0 0 0 0 false false true false false false 0",
		{0, 0x08}: "0 0 0 0 false false false true false false 0",
		{0, 0x10}: "0 0 0 0 false false false false true false 0",
		{0, 0x20}: "0 0 0 0 false false false false false true 0",
		{0, 0x80}: "0 0 0 0 false false false false false false 2",
	} {
		if got := show(b); got != want {
			t.Errorf("%x: %s, want %s", b, got, want)
		}
	}
}

func TestSmallIndicators(t *testing.T) {
	o := isupbody.OptionalBackwardCall(0x0A)
	if o.InBand() || !o.DiversionMayOccur() || o.Segmentation() || !o.MLPPUser() {
		t.Errorf("optional backward call indicators %#x", o)
	}
	if o = 0x05; !o.InBand() || !o.Segmentation() {
		t.Errorf("optional backward call indicators %#x", o)
	}
	m := decode(t, "2c8200")
	if e, err := m.EventInformation(); err != nil || e.Event() != isupbody.EventProgress || !e.Restricted() {
		t.Errorf("event %#x, %v", e, err)
	}
	m = decode(t, "0d0000")
	if s, err := m.SuspendResume(); err != nil || s.ByNetwork() {
		t.Errorf("suspend %#x, %v", s, err)
	}
	m = decode(t, "0901"+"3d01fe"+"1d038090a3"+"00")
	if h, err := m.HopCounter(); err != nil || h != 30 {
		t.Errorf("hop counter %d, %v: spare bits count", h, err)
	}
	if u, err := m.UserServiceInformation(); err != nil || !bytes.Equal(u.AppendContents(nil), []byte{0x80, 0x90, 0xA3}) {
		t.Errorf("user service information %+v, %v", u, err)
	}
}

func TestRedirectionInformation(t *testing.T) {
	for contents, want := range map[string]isupbody.RedirectionInformation{
		"3335": {Indicator: 3, OriginalReason: 3, Counter: 5, Reason: 3},
		"2461": {Indicator: 4, OriginalReason: 2, Counter: 1, Reason: 6},
		"13":   {Indicator: 3, OriginalReason: 1, Short: true},
	} {
		m := decode(t, fmt.Sprintf("0901"+"13%02x%s"+"00", len(contents)/2, contents))
		got, err := m.RedirectionInformation()
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", contents, got, err, want)
		}
		if written := got.AppendContents(nil); fmt.Sprintf("%x", written) != contents {
			t.Errorf("%s written as %x", contents, written)
		}
	}
}

func TestCause(t *testing.T) {
	for _, c := range []struct {
		contents string
		want     isupbody.Cause
	}{
		{"8090", isupbody.Cause{Value: 16}},
		{"8a91", isupbody.Cause{Location: isupbody.LocationBeyondInterworking, Value: 17}},
		{"80ab80", isupbody.Cause{Value: 43, Diagnostics: []byte{0x80}}},
		{"0381ff", isupbody.Cause{Location: isupbody.LocationTransit, HasRecommendation: true, Recommendation: 1, Value: 127}},
		{"e48c", isupbody.Cause{Coding: 3, Location: isupbody.LocationPublicRemote, Value: 12}},
	} {
		m := decode(t, fmt.Sprintf("0c0200%02x%s", len(c.contents)/2, c.contents))
		got, err := m.Cause()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %+v, %v, want %+v", c.contents, got, err, c.want)
		}
		if written := got.AppendContents(nil); fmt.Sprintf("%x", written) != c.contents {
			t.Errorf("%s written as %x", c.contents, written)
		}
	}
	for _, short := range []string{"0c020000", "0c02000180", "0c0200020381"} {
		m := decode(t, short)
		if _, err := m.Cause(); !errors.Is(err, errShort) {
			t.Errorf("%s: %v", short, err)
		}
	}
}

// TestShortContents empties each parameter: its getter must say so, and where.
func TestShortContents(t *testing.T) {
	for name, get := range map[isupbody.ParameterName]func(*isupbody.Message) error{
		isupbody.ParamUserToUserInformation: func(m *isupbody.Message) error { _, err := m.UserToUser(); return err },
		isupbody.ParamHopCounter:            func(m *isupbody.Message) error { _, err := m.HopCounter(); return err },
		isupbody.ParamBackwardCallIndicators: func(m *isupbody.Message) error {
			_, err := m.BackwardCall()
			return err
		},
		isupbody.ParamRedirectionInformation: func(m *isupbody.Message) error {
			_, err := m.RedirectionInformation()
			return err
		},
		isupbody.ParamConnectedNumber: func(m *isupbody.Message) error { _, err := m.ConnectedNumber(); return err },
	} {
		m := decode(t, fmt.Sprintf("0901%02x0000", uint8(name)))
		err := get(&m)
		var place *isupbody.ParseError
		if !errors.As(err, &place) || place.Parameter != name || place.Offset != 4 || !errors.Is(err, errShort) {
			t.Errorf("%v: %v", name, err)
		}
		m = decode(t, "0900")
		if err := get(&m); !errors.Is(err, isupbody.ErrAbsent) {
			t.Errorf("%v: %v", name, err)
		}
	}
	m := decode(t, "0900")
	for _, err := range allGetters(&m) {
		if !errors.Is(err, isupbody.ErrAbsent) {
			t.Errorf("ANM without parameters: %v", err)
		}
	}
}

// TestStrings holds that known codes have words and unknown ones their number.
func TestStrings(t *testing.T) {
	for _, c := range []struct {
		value fmt.Stringer
		want  string
	}{
		{isupbody.CategoryOrdinary, "ordinary subscriber"}, {isupbody.CategorySpanish, "operator, language Spanish"},
		{isupbody.CategoryUnknown, "unknown"}, {isupbody.CategoryPriority, "subscriber with priority"},
		{isupbody.CategoryData, "data call"}, {isupbody.CategoryTest, "test call"}, {isupbody.CategoryIEPS, "IEPS"},
		{isupbody.CategoryPayphone, "payphone"}, {isupbody.CategoryMobileHome, "mobile in its home network"},
		{isupbody.CategoryMobileVisiting, "mobile in a visited network"}, {isupbody.CallingPartyCategory(99), "99"},
		{isupbody.Medium3100Hz, "3.1 kHz audio"}, {isupbody.TransmissionMedium(1), "1"}, {isupbody.TransmissionMedium(200), "200"},
		{isupbody.NatureInternational, "international"}, {isupbody.NatureOfAddress(0), "0"},
		{isupbody.PlanISDN, "E.164"}, {isupbody.NumberingPlan(7), "7"},
		{isupbody.PresentationRestricted, "restricted"}, {isupbody.Presentation(3), "3"},
		{isupbody.ScreeningNetwork, "network provided"}, {isupbody.QualifierAdditionalCalling, "additional calling party number"},
		{isupbody.RedirectionReason(3), "unconditional"}, {isupbody.LocationTransit, "transit network"}, {isupbody.Location(6), "6"},
		{isupbody.EventAlerting | 0x80, "alerting"}, {isupbody.EventInformation(0), "0"},
		{isupbody.VariantITU, "itu"}, {isupbody.VariantANSI, "ansi"},
		{isupbody.Fixed, "fixed"}, {isupbody.Variable, "variable"}, {isupbody.Optional, "optional"}, {isupbody.Section(0), "unknown section"},
		{isupbody.MessageIAM, "IAM"}, {isupbody.MessageType(0x0B), "unknown message 0x0b"},
		{isupbody.ParamOriginalCalledNumber, "original_called_number"}, {isupbody.ParameterName(254), "unknown_254"},
	} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%T: %q, want %q", c.value, got, c.want)
		}
	}
	if got := isupbody.MessageType(0xFF).Title(); got != "unknown message 0xff" {
		t.Errorf("title %q", got)
	}
	if got := isupbody.ParamGenericNumber.In(isupbody.VariantANSI); got != "generic_address" {
		t.Errorf("generic number in ANSI is %q", got)
	}
	if !isupbody.ParamGenericNumber.IsNumber() || isupbody.ParamHopCounter.IsNumber() {
		t.Error("IsNumber")
	}
}
