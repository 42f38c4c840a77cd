package isupbody_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"sipid/isupbody"
)

func TestDraft(t *testing.T) {
	cause := isupbody.Cause{Location: isupbody.LocationBeyondInterworking, Value: 17}.AppendContents(nil)
	for _, c := range []struct {
		name, want string
		draft      isupbody.Draft
	}{
		{"RLC", "1000", isupbody.Draft{Type: isupbody.MessageRLC}},
		{"REL", "0c0200028a91", isupbody.Draft{Type: isupbody.MessageREL,
			Parameters: []isupbody.Parameter{{Name: isupbody.ParamCauseIndicators, Contents: cause}}}},
		{"ACM", "0612040129010100", isupbody.Draft{Type: isupbody.MessageACM, Parameters: []isupbody.Parameter{
			{Name: isupbody.ParamOptionalBackwardCallIndicators, Contents: []byte{1}},
			{Name: isupbody.ParamBackwardCallIndicators, Contents: []byte{0x12, 0x04}}}}},
		{"BLO", "13", isupbody.Draft{Type: isupbody.MessageBLO}},
		{"CGB", "180101020402", isupbody.Draft{Type: isupbody.MessageCGB, Parameters: []isupbody.Parameter{
			{Name: isupbody.ParamRangeAndStatus, Contents: []byte{4, 2}},
			{Name: isupbody.ParamCircuitGroupSupervisionMessageType, Contents: []byte{1}}}}},
		{"CQR", "2b0203010103010203", isupbody.Draft{Type: isupbody.MessageCQR, Parameters: []isupbody.Parameter{
			{Name: isupbody.ParamRangeAndStatus, Contents: []byte{1}},
			{Name: isupbody.ParamCircuitStateIndicator, Contents: []byte{1, 2, 3}}}}},
		{"RepeatedMandatory", "0c020402809012028091" + "00", isupbody.Draft{Type: isupbody.MessageREL, Parameters: []isupbody.Parameter{
			{Name: isupbody.ParamCauseIndicators, Contents: []byte{0x80, 0x90}},
			{Name: isupbody.ParamCauseIndicators, Contents: []byte{0x80, 0x91}}}}},
		{"ANSI", "010000000a" + "030500" + "028090" + "03031021",
			isupbody.Draft{Type: isupbody.MessageIAM, Variant: isupbody.VariantANSI, Parameters: ansiParameters()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.draft.MarshalBinary()
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Fatalf("got  %x, %v\nwant %s", got, err, c.want)
			}
			if _, err := isupbody.Decode(got, c.draft.Variant); err != nil {
				t.Error(err)
			}
		})
	}
}

func ansiParameters() []isupbody.Parameter {
	return []isupbody.Parameter{
		{Name: isupbody.ParamNatureOfConnectionIndicators, Contents: []byte{0}},
		{Name: isupbody.ParamForwardCallIndicators, Contents: []byte{0, 0}},
		{Name: isupbody.ParamCallingPartyCategory, Contents: []byte{10}},
		{Name: isupbody.ParamUserServiceInformation, Contents: []byte{0x80, 0x90}},
		{Name: isupbody.ParamCalledPartyNumber, Contents: []byte{3, 0x10, 0x21}},
	}
}

func TestDraftErrors(t *testing.T) {
	one := func(name isupbody.ParameterName, n int) []isupbody.Parameter {
		return []isupbody.Parameter{{Name: name, Contents: make([]byte, n)}}
	}
	far := ansiParameters()
	far[3].Contents = make([]byte, 255)
	farther := append(ansiParameters(), isupbody.Parameter{Name: isupbody.ParamHopCounter, Contents: []byte{1}})
	farther[4].Contents = make([]byte, 252)
	for _, c := range []struct {
		name  string
		draft isupbody.Draft
		want  error
	}{
		{"Type", isupbody.Draft{Type: 0x0B}, isupbody.ErrUnknownMessage},
		{"FixedAbsent", isupbody.Draft{Type: isupbody.MessageACM}, isupbody.ErrAbsent},
		{"FixedLength", isupbody.Draft{Type: isupbody.MessageACM, Parameters: one(isupbody.ParamBackwardCallIndicators, 3)}, isupbody.ErrLength},
		{"VariableAbsent", isupbody.Draft{Type: isupbody.MessageREL}, isupbody.ErrAbsent},
		{"VariableTooLong", isupbody.Draft{Type: isupbody.MessageREL, Parameters: one(isupbody.ParamCauseIndicators, 256)}, isupbody.ErrTooLong},
		{"OptionalTooLong", isupbody.Draft{Type: isupbody.MessageANM, Parameters: one(isupbody.ParamUserToUserInformation, 256)}, isupbody.ErrTooLong},
		{"NoOptionalPart", isupbody.Draft{Type: isupbody.MessageBLO, Parameters: one(isupbody.ParamHopCounter, 1)}, isupbody.ErrNoOptionalPart},
		{"EndOctet", isupbody.Draft{Type: isupbody.MessageANM, Parameters: one(isupbody.ParamEndOfOptionalParameters, 1)}, isupbody.ErrNoOptionalPart},
		{"CalledTooFar", isupbody.Draft{Type: isupbody.MessageIAM, Variant: isupbody.VariantANSI, Parameters: far}, isupbody.ErrTooLong},
		{"OptionalTooFar", isupbody.Draft{Type: isupbody.MessageIAM, Variant: isupbody.VariantANSI, Parameters: farther}, isupbody.ErrTooLong},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.draft.AppendBinary([]byte{7})
			var place *isupbody.ParseError
			if !errors.Is(err, c.want) || !errors.As(err, &place) || !bytes.Equal(got, []byte{7}) {
				t.Errorf("%x, %v, want %v", got, err, c.want)
			}
		})
	}
}

// TestIAM writes vector A from its parts, then reads it.
func TestIAM(t *testing.T) {
	called := number(t, "95165F")
	called.INN = true
	calling := number(t, "57188888888")
	calling.Screening = isupbody.ScreeningNetwork
	iam := isupbody.NewIAM(called)
	for _, add := range []struct {
		name isupbody.ParameterName
		n    isupbody.Number
	}{{isupbody.ParamCallingPartyNumber, calling}, {isupbody.ParamOriginalCalledNumber, number(t, "1001000012345678")}} {
		if err := iam.AddNumber(add.name, add.n); err != nil {
			t.Fatal(err)
		}
	}
	got, err := iam.MarshalBinary()
	if err != nil || hex.EncodeToString(got) != typicalIAM {
		t.Fatalf("got  %x, %v\nwant %s", got, err, typicalIAM)
	}
	var read isupbody.IAM
	if err := read.UnmarshalBinary(got); err != nil {
		t.Fatal(err)
	}
	clear(got) // UnmarshalBinary has copied
	if again, err := read.MarshalBinary(); err != nil || hex.EncodeToString(again) != typicalIAM {
		t.Errorf("read and written again: %x, %v", again, err)
	}
}

func TestIAMErrors(t *testing.T) {
	var iam isupbody.IAM
	for _, c := range []struct {
		name, octets string
		want         error
	}{
		{"OtherMessage", "0900", isupbody.ErrNotIAM},
		{"ANSI", "010000000a" + "030500" + "028090" + "03031021", isupbody.ErrNotIAM},
		{"Broken", "01", errShort},
		{"CalledNumberEmpty", "010000000a03020000", errShort},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := iam.UnmarshalBinary(unhex(t, c.octets)); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
	if err := iam.AddNumber(isupbody.ParamHopCounter, number(t, "1")); !errors.Is(err, isupbody.ErrNotNumber) {
		t.Errorf("AddNumber: %v", err)
	}
	long := isupbody.NewIAM(number(t, string(bytes.Repeat([]byte("1"), 506))))
	if got, err := long.AppendBinary([]byte{7}); !errors.Is(err, isupbody.ErrTooLong) || len(got) != 1 {
		t.Errorf("%x, %v", got, err)
	}
}
