package isupbody_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"sipid/isupbody"
)

func TestVariantOf(t *testing.T) {
	for label, want := range map[string]isupbody.Variant{
		"":                                  isupbody.VariantITU,
		";version=itu-t92+":                 isupbody.VariantITU,
		`;version="ansi00"`:                 isupbody.VariantANSI,
		";version=nxv3;base=ANSI88":         isupbody.VariantANSI,
		";version=spirou":                   isupbody.VariantITU,
		";version=ans":                      isupbody.VariantITU,
		"aNsI":                              isupbody.VariantANSI,
		"ans\r\n i":                         isupbody.VariantITU,
		"ANS\x09":                           isupbody.VariantITU,
		"application/isup;version=x-xansix": isupbody.VariantANSI,
	} {
		if got := isupbody.VariantOf([]byte(label)); got != want {
			t.Errorf("%q: %v", label, got)
		}
	}
}

// TestANSILayout reads IAMs whose user service information is not where it
// usually is, and ITU-T ones that a wrong label could make look like ANSI.
func TestANSILayout(t *testing.T) {
	for _, c := range []struct {
		name, octets string
		label, want  isupbody.Variant
		called       string
	}{
		{"ServiceBehindCalled", "010020010a" + "070200" + "03031021" + "028090", isupbody.VariantANSI, isupbody.VariantANSI, "12"},
		{"ServiceBehindCalledWrongLabel", "010020010a" + "070200" + "03031021" + "028090", isupbody.VariantITU, isupbody.VariantITU, "12"},
		{"EmptyServiceWrongLabel", "010020010a" + "030300" + "00" + "03031021", isupbody.VariantITU, isupbody.VariantITU, "12"},
		{"EmptyServiceRightLabel", "010020010a" + "030300" + "00" + "03031021", isupbody.VariantANSI, isupbody.VariantANSI, "12"},
		{"MediumPointsIntoOptionalPart", "010020010a" + "0a0205" + "03031021" + "280403101111" + "00", isupbody.VariantANSI, isupbody.VariantITU, "12"},
		{"MediumPointsPastTheEnd", "010020010a" + "0a0200" + "03031021", isupbody.VariantANSI, isupbody.VariantITU, "12"},
		{"MediumTooSmall", "010020010a" + "000200" + "03031021", isupbody.VariantANSI, isupbody.VariantITU, "12"},
		{"ServiceOverlapsCalled", "010020010a" + "060200" + "03031021" + "0000", isupbody.VariantANSI, isupbody.VariantITU, "12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := isupbody.Decode(unhex(t, c.octets), c.label)
			if err != nil || m.Variant() != c.want {
				t.Errorf("%v, %v, want %v", m.Variant(), err, c.want)
			}
			if called := getNumber(m.CalledPartyNumber); called != c.called {
				t.Errorf("called %s", called)
			}
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct {
		name, octets string
		parameter    isupbody.ParameterName
		offset       int
		want         error
		text         string
	}{
		{"Empty", "", 0, 0, errShort, "isup: unknown message 0x00: unexpected EOF"},
		{"Unknown", "ff0102", 0, 0, isupbody.ErrUnknownMessage, "isup: unknown message 0xff: unknown message type"},
		{"CIC", "0b0001", 0, 0, isupbody.ErrCIC, "isup: unknown message 0x0b: a circuit identification code was left in"},
		{"Fixed", "0100", isupbody.ParamForwardCallIndicators, 2, errShort, "isup: IAM: forward_call_indicators: octet 2: unexpected EOF"},
		{"NoPointer", "0c", isupbody.ParamCauseIndicators, 1, errShort, "isup: REL: cause_indicators: octet 1: unexpected EOF"},
		{"PointerPastEnd", "0c0900", isupbody.ParamCauseIndicators, 1, errShort, "isup: REL: cause_indicators: octet 1: unexpected EOF"},
		{"PointerToPointer", "0c010280", isupbody.ParamCauseIndicators, 1, isupbody.ErrPointer,
			"isup: REL: cause_indicators: octet 1: pointer into another part of the message"},
		{"VariableLength", "0c02000380", isupbody.ParamCauseIndicators, 3, errShort, "isup: REL: cause_indicators: octet 3: unexpected EOF"},
		{"VariablesOverlap", "2b02020301000000", isupbody.ParamCircuitStateIndicator, 2, isupbody.ErrPointer,
			"isup: CQR: circuit_state_indicator: octet 2: pointer into another part of the message"},
		{"NoOptionalPointer", "09", 0, 1, errShort, "isup: ANM: optional part: octet 1: unexpected EOF"},
		{"OptionalPointerPastEnd", "0902", 0, 1, errShort, "isup: ANM: optional part: octet 1: unexpected EOF"},
		{"OptionalPointerBack", "0c0201028090", 0, 2, isupbody.ErrPointer,
			"isup: REL: optional part: octet 2: pointer into another part of the message"},
		{"OptionalCodeOnly", "090129", isupbody.ParamOptionalBackwardCallIndicators, 2, errShort,
			"isup: ANM: optional_backward_call_indicators: octet 2: unexpected EOF"},
		{"OptionalLength", "09013d020d", isupbody.ParamHopCounter, 2, errShort, "isup: ANM: hop_counter: octet 2: unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := isupbody.Decode(unhex(t, c.octets), isupbody.VariantITU)
			var place *isupbody.ParseError
			if !errors.Is(err, c.want) || !errors.As(err, &place) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if place.Parameter != c.parameter || place.Offset != c.offset || err.Error() != c.text {
				t.Errorf("%v at %d: %v", place.Parameter, place.Offset, err)
			}
		})
	}
}

// TestUsableAfterError reads what came before the octet in question.
func TestUsableAfterError(t *testing.T) {
	m, err := isupbody.Decode(unhex(t, "010020010a0302070503905961f50a0683135718888828ff0310"), isupbody.VariantITU)
	if !errors.Is(err, errShort) {
		t.Fatalf("error %v", err)
	}
	if calling := getNumber(m.CallingPartyNumber); calling != "7581888" {
		t.Errorf("calling %s", calling)
	}
	if hex.EncodeToString(m.Trailing()) != "28ff0310" {
		t.Errorf("trailing %x", m.Trailing())
	}
	m, _ = isupbody.Decode(unhex(t, "01000001"), isupbody.VariantITU)
	if f, err := m.ForwardCall(); err != nil || f != (isupbody.ForwardCall{0, 1}) {
		t.Errorf("forward call indicators %x, %v", f, err)
	}
	m, _ = isupbody.Decode(nil, isupbody.VariantITU)
	if m.Type() != 0 || len(m.Trailing()) != 0 || len(list(&m)) != 0 {
		t.Error("an empty message holds something")
	}
}

// TestOpaque keeps the octets of types without a public format.
func TestOpaque(t *testing.T) {
	for _, octets := range []string{"28090102", "3101020304"} {
		m := decode(t, octets)
		if hex.EncodeToString(m.Trailing()) != octets[2:] || len(list(&m)) != 0 {
			t.Errorf("%v: trailing %x", m.Type(), m.Trailing())
		}
		if _, err := m.AppendInserted(nil, 0, isupbody.ParamHopCounter, nil); !errors.Is(err, isupbody.ErrIncomplete) {
			t.Errorf("%v edited: %v", m.Type(), err)
		}
	}
}

// TestParametersStops holds that the loops over parameters can be left.
func TestParametersStops(t *testing.T) {
	m := decode(t, typicalIAM)
	for limit := range len(list(&m)) {
		n := 0
		for range m.Parameters {
			if n == limit {
				break
			}
			n++
		}
		if n != limit {
			t.Errorf("left after %d, want %d", n, limit)
		}
	}
}

// TestFind counts occurrences over all parts.
func TestFind(t *testing.T) {
	m := decode(t, "0c0204028090"+"12028091"+"00")
	for nth, want := range []string{"8090", "8091"} {
		p, ok := m.Find(isupbody.ParamCauseIndicators, nth)
		if !ok || hex.EncodeToString(p.Contents) != want {
			t.Errorf("%d: %x, %v", nth, p.Contents, ok)
		}
	}
	if _, ok := m.Find(isupbody.ParamCauseIndicators, 2); ok {
		t.Error("a third one was found")
	}
	if m.Repeated(isupbody.ParamCauseIndicators) {
		t.Error("the optional part has only one")
	}
	if c, err := m.Cause(); err != nil || c.Value != 16 {
		t.Errorf("cause %d, %v", c.Value, err)
	}
}
