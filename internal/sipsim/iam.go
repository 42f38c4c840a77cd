package sipsim

import (
	"fmt"
	"strings"

	"sipid/isupbody"
)

// IAM makes the initial address message of a call as a VAS platform sends it:
// called party number with ST, calling party number (network provided), and the
// original called number, which is access ID followed by serial.
func IAM(call Call) ([]byte, error) {
	called, err := number("called number", call.Called, "F")
	if err != nil {
		return nil, err
	}
	iam := isupbody.NewIAM(called)
	if call.Calling != "" {
		calling, err := number("calling number", call.Calling, "")
		if err != nil {
			return nil, err
		}
		calling.Screening = isupbody.ScreeningNetwork
		if err := iam.AddNumber(isupbody.ParamCallingPartyNumber, calling); err != nil {
			return nil, fmt.Errorf("calling number: %w", err)
		}
	}
	if call.AccessID+call.Serial != "" {
		original, err := number("access ID and serial", call.AccessID+call.Serial, "")
		if err != nil {
			return nil, err
		}
		if err := iam.AddNumber(isupbody.ParamOriginalCalledNumber, original); err != nil {
			return nil, fmt.Errorf("access ID and serial: %w", err)
		}
	}
	return iam.MarshalBinary()
}

// number reads digits as people write them, with a + for an international one.
func number(what, digits, end string) (isupbody.Number, error) {
	plain, international := strings.CutPrefix(digits, "+")
	if plain == "" || strings.Trim(plain, "0123456789") != "" {
		return isupbody.Number{}, fmt.Errorf("%s %q: digits only", what, digits)
	}
	n, err := isupbody.NewNumber(plain + end)
	if err != nil {
		return n, fmt.Errorf("%s %q: %w", what, digits, err)
	}
	if international {
		n.Nature = isupbody.NatureInternational
	}
	return n, nil
}
