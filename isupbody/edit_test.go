package isupbody_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"sipid/isupbody"
)

func TestAppendReplaced(t *testing.T) {
	for _, c := range []struct {
		name, in, contents, want string
		parameter                isupbody.ParameterName
	}{
		{"Optional", typicalIAM, "0310100132",
			"010020010a0302070503905961f50a088313758188888808" + "28050310100132" + "00", isupbody.ParamOriginalCalledNumber},
		{"VariableLonger", typicalIAM, "03905961f512",
			"010020010a030208" + "0603905961f512" + "0a088313758188888808280a0310011000002143658700", isupbody.ParamCalledPartyNumber},
		{"VariableShorter", "0c0200038091ffee", "8090", "0c0200028090ee", isupbody.ParamCauseIndicators},
		{"VariableAnsi", "010020010a03060d038090a207031012525521430a070313035355111128070310275055000000", "80",
			"010020010a03040b018007031012525521430a070313035355111128070310275055000000", isupbody.ParamUserServiceInformation},
		{"Fixed", typicalIAM, "0f",
			"010020010f0302070503905961f50a088313758188888808280a0310011000002143658700", isupbody.ParamCallingPartyCategory},
		{"Gaps", "010020010a030509aaaaaa03039021bbbb28030310110022", "03902143",
			"010020010a03050aaaaaaa0403902143bbbb28030310110022", isupbody.ParamCalledPartyNumber},
		{"NoEnd", "010020010a0302070503905961f5280403101111", "031022",
			"010020010a0302070503905961f52803031022", isupbody.ParamOriginalCalledNumber},
		{"FirstOfTwo", "010020010a0302070503905961f528040310111128040310222200", "031099",
			"010020010a0302070503905961f52803031099" + "280403102222" + "00", isupbody.ParamOriginalCalledNumber},
		{"BeforeTruncation", "010020010a0302070503905961f528040310111128040310", "031099",
			"010020010a0302070503905961f52803031099" + "28040310", isupbody.ParamOriginalCalledNumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := isupbody.Decode(unhex(t, c.in), isupbody.VariantITU)
			got, err := m.AppendReplaced(nil, c.parameter, unhex(t, c.contents))
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("got  %x, %v\nwant %s", got, err, c.want)
			}
			if hex.EncodeToString(m.Raw()) != c.in {
				t.Error("the message was changed")
			}
		})
	}
}

func TestAppendReplacedErrors(t *testing.T) {
	m := decode(t, typicalIAM)
	broken, _ := isupbody.Decode(unhex(t, "010020010a0302"), isupbody.VariantITU)
	overlap, _ := isupbody.Decode(unhex(t, "010020010a0302030583905961050a0803135017880021432808031001100000002400"), isupbody.VariantITU)
	far := decode(t, "010020010a0302f00503905961f5"+strings.Repeat("00", 233)+"28030310210000")
	for _, c := range []struct {
		name     string
		m        isupbody.Message
		of       isupbody.ParameterName
		contents []byte
		want     error
	}{
		{"Absent", m, isupbody.ParamRedirectingNumber, nil, isupbody.ErrAbsent},
		{"FixedLength", m, isupbody.ParamCallingPartyCategory, []byte{1, 2}, isupbody.ErrLength},
		{"TooLong", m, isupbody.ParamOriginalCalledNumber, make([]byte, 256), isupbody.ErrTooLong},
		{"PointerTooFar", far, isupbody.ParamCalledPartyNumber, make([]byte, 40), isupbody.ErrTooLong},
		{"Incomplete", broken, isupbody.ParamCallingPartyCategory, []byte{1}, isupbody.ErrIncomplete},
		{"OverlappingParts", overlap, isupbody.ParamCalledPartyNumber, []byte{1}, isupbody.ErrIncomplete},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.m.AppendReplaced([]byte{7}, c.of, c.contents)
			if !errors.Is(err, c.want) || !bytes.Equal(got, []byte{7}) {
				t.Errorf("%x, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestAppendInserted(t *testing.T) {
	const head = "010020010a0302070503905961f5"
	for _, c := range []struct {
		name, in, want string
		index          int
	}{
		{"First", head + "280403101111" + "00", head + "3d011e" + "280403101111" + "00", 0},
		{"Second", head + "280403101111" + "0a00" + "00", head + "280403101111" + "3d011e" + "0a00" + "00", 1},
		{"Last", head + "280403101111" + "00", head + "280403101111" + "3d011e" + "00", -1},
		{"BehindLast", head + "280403101111" + "00", head + "280403101111" + "3d011e" + "00", 9},
		{"NoEnd", head + "280403101111", head + "280403101111" + "3d011e", -1},
		{"EmptyPart", head + "00", head + "3d011e" + "00", 0},
		{"NoPart", "010020010a0302000503905961f5", head + "3d011e" + "00", 0},
		{"NoPartTrailing", "010020010a0302000503905961f5" + "dead", head + "3d011e" + "00" + "dead", -1},
		{"Trailing", head + "0a00" + "00" + "2801", head + "0a00" + "3d011e" + "00" + "2801", -1},
		{"Truncated", head + "0a00" + "2809", head + "0a00" + "3d011e" + "2809", -1},
		{"NoMandatoryPart", "0900", "09013d011e00", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := isupbody.Decode(unhex(t, c.in), isupbody.VariantITU)
			got, err := m.AppendInserted(nil, c.index, isupbody.ParamHopCounter, []byte{30})
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("got  %x, %v\nwant %s", got, err, c.want)
			}
		})
	}
}

func TestAppendInsertedErrors(t *testing.T) {
	iam, blo := decode(t, typicalIAM), decode(t, "13")
	broken, _ := isupbody.Decode([]byte{1}, isupbody.VariantITU)
	long := decode(t, "010020010a030200ff"+strings.Repeat("10", 255))
	for _, c := range []struct {
		name     string
		m        isupbody.Message
		of       isupbody.ParameterName
		contents []byte
		want     error
	}{
		{"EndOctet", iam, isupbody.ParamEndOfOptionalParameters, nil, isupbody.ErrNoOptionalPart},
		{"NoOptionalPart", blo, isupbody.ParamHopCounter, nil, isupbody.ErrNoOptionalPart},
		{"TooLong", iam, isupbody.ParamUserToUserInformation, make([]byte, 256), isupbody.ErrTooLong},
		{"PointerTooFar", long, isupbody.ParamHopCounter, []byte{1}, isupbody.ErrTooLong},
		{"Incomplete", broken, isupbody.ParamHopCounter, []byte{1}, isupbody.ErrIncomplete},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.m.AppendInserted([]byte{7}, 0, c.of, c.contents)
			if !errors.Is(err, c.want) || !bytes.Equal(got, []byte{7}) {
				t.Errorf("%x, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestAppendRemoved(t *testing.T) {
	const head = "010020010a0302070503905961f5"
	for _, c := range []struct {
		name, in, want string
		nth            int
	}{
		{"Only", head + "280403101111" + "00", head + "00", 0},
		{"Second", head + "280403101111" + "0a00" + "280403102222" + "00", head + "280403101111" + "0a00" + "00", 1},
		{"Trailing", head + "280403101111" + "00" + "ff", head + "00" + "ff", 0},
		{"NothingLeftToPointAt", head + "280403101111", "010020010a0302000503905961f5", 0},
		{"BeforeTruncation", head + "280403101111" + "0a", head + "0a", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := isupbody.Decode(unhex(t, c.in), isupbody.VariantITU)
			got, err := m.AppendRemoved(nil, isupbody.ParamOriginalCalledNumber, c.nth)
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("got  %x, %v\nwant %s", got, err, c.want)
			}
		})
	}
	t.Run("ErrAbsent", func(t *testing.T) {
		m := decode(t, typicalIAM)
		if _, err := m.AppendRemoved(nil, isupbody.ParamOriginalCalledNumber, 1); !errors.Is(err, isupbody.ErrAbsent) {
			t.Errorf("error %v", err)
		}
		if _, err := m.AppendRemoved(nil, isupbody.ParamCalledPartyNumber, 0); !errors.Is(err, isupbody.ErrAbsent) {
			t.Errorf("a mandatory parameter was removed: %v", err)
		}
	})
	t.Run("ErrIncomplete", func(t *testing.T) {
		m, _ := isupbody.Decode([]byte{1}, isupbody.VariantITU)
		if _, err := m.AppendRemoved(nil, isupbody.ParamOriginalCalledNumber, 0); !errors.Is(err, isupbody.ErrIncomplete) {
			t.Errorf("error %v", err)
		}
	})
}
