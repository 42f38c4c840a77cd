package main

import (
	"encoding/hex"
	"io"

	"sipid/isupbody"
)

func newDecodeOutput(w io.Writer, asJSON bool) decodeOutput {
	if asJSON {
		return &jsonOutput{w: w}
	}
	return &treeOutput{w: w}
}

// jsonOutput writes an array, an object at a time.
type jsonOutput struct {
	w     io.Writer
	begun bool
}

func (o *jsonOutput) message(_ *isupFound, m *isupbody.Message, warnings []string) error {
	object, err := jsonText(newDecodedMessage(m, warnings))
	if err != nil {
		return err
	}
	separator := "["
	if o.begun {
		separator = ",\n "
	}
	o.begun = true
	_, err = io.WriteString(o.w, separator+object)
	return err
}

func (o *jsonOutput) end() error {
	text := "[]\n"
	if o.begun {
		text = "]\n"
	}
	_, err := io.WriteString(o.w, text)
	return err
}

// decodedMessage is a message as JSON. Parameters that are not there are keys
// that are not there.
type decodedMessage struct {
	Message    string             `json:"message"`
	Variant    string             `json:"variant"`
	Hex        string             `json:"hex"`
	Parameters []decodedParameter `json:"parameters"`

	Called           *decodedNumber  `json:"called_party_number,omitempty"`
	Calling          *decodedNumber  `json:"calling_party_number,omitempty"`
	Original         *decodedNumber  `json:"original_called_number,omitempty"`
	Redirecting      *decodedNumber  `json:"redirecting_number,omitempty"`
	Redirection      *decodedNumber  `json:"redirection_number,omitempty"`
	Location         *decodedNumber  `json:"location_number,omitempty"`
	Connected        *decodedNumber  `json:"connected_number,omitempty"`
	CallTransfer     *decodedNumber  `json:"call_transfer_number,omitempty"`
	CalledIN         *decodedNumber  `json:"called_in_number,omitempty"`
	OriginalCalledIN *decodedNumber  `json:"original_called_in_number,omitempty"`
	Subsequent       *decodedNumber  `json:"subsequent_number,omitempty"`
	Generic          []decodedNumber `json:"generic_numbers,omitempty"`

	RedirectionInformation *decodedRedirection `json:"redirection_information,omitempty"`
	Cause                  *decodedCause       `json:"cause,omitempty"`
	Category               *uint8              `json:"calling_partys_category,omitempty"`
	Medium                 *uint8              `json:"transmission_medium_requirement,omitempty"`
	Event                  *uint8              `json:"event,omitempty"`
	Hop                    *uint8              `json:"hop_counter,omitempty"`
	UserToUser             *decodedUserToUser  `json:"user_to_user_information,omitempty"`
	decodedValues
	Warnings []string `json:"warnings"`
}

type decodedParameter struct {
	Name string `json:"name"`
	Code uint8  `json:"code"`
	Hex  string `json:"hex"`
}

// decodedNumber shows the fields a number parameter really has.
type decodedNumber struct {
	Qualifier    *uint8 `json:"qualifier,omitempty"`
	Digits       string `json:"digits"`
	ST           *bool  `json:"st,omitempty"`
	Nature       *uint8 `json:"nature,omitempty"`
	Plan         *uint8 `json:"plan,omitempty"`
	INN          *uint8 `json:"inn,omitempty"`
	Presentation *uint8 `json:"presentation,omitempty"`
	Screening    *uint8 `json:"screening,omitempty"`
	Incomplete   bool   `json:"incomplete,omitempty"`
}

type decodedCause struct {
	Location       uint8  `json:"location"`
	Value          uint8  `json:"value"`
	Coding         uint8  `json:"coding,omitempty"`
	Recommendation *uint8 `json:"recommendation,omitempty"`
	Diagnostics    string `json:"diagnostics,omitempty"`
}

type decodedRedirection struct {
	Indicator      uint8  `json:"indicator"`
	OriginalReason uint8  `json:"original_reason"`
	Counter        *uint8 `json:"counter,omitempty"`
	Reason         *uint8 `json:"reason,omitempty"`
}

type decodedUserToUser struct {
	Protocol uint8  `json:"protocol"`
	Data     string `json:"data"`
}

func newDecodedMessage(m *isupbody.Message, warnings []string) *decodedMessage {
	j := &decodedMessage{
		Message: m.Type().String(), Variant: m.Variant().String(), Hex: hex.EncodeToString(m.Raw()),
		Parameters: []decodedParameter{}, Warnings: warnings,
	}
	for p := range m.Parameters {
		j.Parameters = append(j.Parameters, decodedParameter{p.Name.In(m.Variant()), uint8(p.Name), hex.EncodeToString(p.Contents)})
		if n, err := p.Number(); err == nil {
			j.addNumber(p.Name, n)
		}
	}
	j.addValues(m)
	return j
}

// addNumber puts a number under its key. Of repeated ones the first counts, as
// it does for a call; only generic numbers may be several.
func (j *decodedMessage) addNumber(name isupbody.ParameterName, n isupbody.Number) {
	key := map[isupbody.ParameterName]**decodedNumber{
		isupbody.ParamCalledPartyNumber: &j.Called, isupbody.ParamCallingPartyNumber: &j.Calling,
		isupbody.ParamOriginalCalledNumber: &j.Original, isupbody.ParamRedirectingNumber: &j.Redirecting,
		isupbody.ParamRedirectionNumber: &j.Redirection, isupbody.ParamLocationNumber: &j.Location,
		isupbody.ParamConnectedNumber: &j.Connected, isupbody.ParamCallTransferNumber: &j.CallTransfer,
		isupbody.ParamCalledINNumber: &j.CalledIN, isupbody.ParamOriginalCalledINNumber: &j.OriginalCalledIN,
		isupbody.ParamSubsequentNumber: &j.Subsequent,
	}[name]
	switch {
	case name == isupbody.ParamGenericNumber:
		j.Generic = append(j.Generic, *newDecodedNumber(name, n))
	case key != nil && *key == nil:
		*key = newDecodedNumber(name, n)
	}
}

func newDecodedNumber(name isupbody.ParameterName, n isupbody.Number) *decodedNumber {
	j := &decodedNumber{Digits: n.Digits(), ST: ptr(n.ST()), Incomplete: n.Incomplete}
	if name == isupbody.ParamSubsequentNumber {
		return j
	}
	j.Nature, j.Plan = ptr(uint8(n.Nature)), ptr(uint8(n.Plan))
	switch name {
	case isupbody.ParamCalledPartyNumber, isupbody.ParamRedirectionNumber, isupbody.ParamLocationNumber:
		j.INN = ptr(oneOrZero(n.INN))
	}
	switch name {
	case isupbody.ParamCalledPartyNumber, isupbody.ParamRedirectionNumber:
		return j
	}
	j.Presentation = ptr(uint8(n.Presentation))
	switch name {
	case isupbody.ParamOriginalCalledNumber, isupbody.ParamRedirectingNumber,
		isupbody.ParamCalledINNumber, isupbody.ParamOriginalCalledINNumber:
		return j
	case isupbody.ParamGenericNumber:
		j.Qualifier = ptr(uint8(n.Qualifier))
	case isupbody.ParamCallingPartyNumber:
		if !n.ST() {
			j.ST = nil // it does not belong there, so it is only told when it is there
		}
	}
	j.Screening = ptr(uint8(n.Screening))
	return j
}

func ptr[T any](v T) *T { return &v }

func oneOrZero(set bool) uint8 {
	if set {
		return 1
	}
	return 0
}
