package vas

import (
	"fmt"

	"sipid/isupbody"
	"sipid/sipmsg"
)

// Carriers makes what carries access ID and serial in a call, so that a platform
// need not know how to write it.
type Carriers struct {
	Called  string // the call centre's access number
	Calling string // the number charging wants; empty: none is sent
	Host    string // in the Diversion URI; empty: DefaultCarrierHost
}

// DefaultCarrierHost stands in a Diversion URI whose host nobody looks at.
const DefaultCarrierHost = "vas.invalid"

// IAM is an initial address message (Q.763 table 32) without circuit
// identification code: called party number with end of dialling, calling party
// number, and access ID with serial as the original called number.
func (c Carriers) IAM(originalCalled string) ([]byte, error) {
	called, err := isupbody.NewNumber(c.Called + "F")
	if err != nil {
		return nil, fmt.Errorf("called number: %w", err)
	}
	iam := isupbody.NewIAM(called)
	if c.Calling != "" {
		calling, err := isupbody.NewNumber(c.Calling)
		if err != nil {
			return nil, fmt.Errorf("calling number: %w", err)
		}
		calling.Screening = isupbody.ScreeningNetwork
		if err := iam.AddNumber(isupbody.ParamCallingPartyNumber, calling); err != nil {
			return nil, fmt.Errorf("calling number: %w", err)
		}
	}
	original, err := isupbody.NewNumber(originalCalled)
	if err != nil {
		return nil, fmt.Errorf("original called number: %w", err)
	}
	if err := iam.AddNumber(isupbody.ParamOriginalCalledNumber, original); err != nil {
		return nil, fmt.Errorf("original called number: %w", err)
	}
	return iam.MarshalBinary()
}

// Diversion is the value of a Diversion header (RFC 5806) with the same number,
// for platforms that speak SIP without ISUP. originalCalled is decimal.
func (c Carriers) Diversion(originalCalled string) string {
	host := c.Host
	if host == "" {
		host = DefaultCarrierHost
	}
	return "<sip:" + originalCalled + "@" + host + ";user=phone>;reason=unconditional;counter=1"
}

// Validate says what is wrong with the numbers and the host.
func (c Carriers) Validate() error {
	if !decimal(c.Called) {
		return fmt.Errorf("called number %q: decimal digits", c.Called)
	}
	if c.Calling != "" && !decimal(c.Calling) {
		return fmt.Errorf("calling number %q: decimal digits", c.Calling)
	}
	if _, err := sipmsg.ParseURI([]byte("sip:1@" + c.Host)); c.Host != "" && err != nil {
		return fmt.Errorf("host %q: %w", c.Host, err)
	}
	_, err := c.IAM("1")
	return err
}
