package decode

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"

	"sipid/isupbody"
)

func newOutput(w io.Writer, asJSON bool) output {
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

func (o *jsonOutput) message(_ *finding, m *isupbody.Message, warnings []string) error {
	var object bytes.Buffer
	e := json.NewEncoder(&object)
	e.SetEscapeHTML(false) // this is no web page
	if err := e.Encode(newJSONMessage(m, warnings)); err != nil {
		return err
	}
	separator := "["
	if o.begun {
		separator = ",\n "
	}
	o.begun = true
	_, err := io.WriteString(o.w, separator+strings.TrimSuffix(object.String(), "\n"))
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

// jsonMessage is a message as JSON. Parameters that are not there are keys
// that are not there.
type jsonMessage struct {
	Message    string          `json:"message"`
	Variant    string          `json:"variant"`
	Hex        string          `json:"hex"`
	Parameters []jsonParameter `json:"parameters"`

	Called           *jsonNumber  `json:"called_party_number,omitempty"`
	Calling          *jsonNumber  `json:"calling_party_number,omitempty"`
	Original         *jsonNumber  `json:"original_called_number,omitempty"`
	Redirecting      *jsonNumber  `json:"redirecting_number,omitempty"`
	Redirection      *jsonNumber  `json:"redirection_number,omitempty"`
	Location         *jsonNumber  `json:"location_number,omitempty"`
	Connected        *jsonNumber  `json:"connected_number,omitempty"`
	CallTransfer     *jsonNumber  `json:"call_transfer_number,omitempty"`
	CalledIN         *jsonNumber  `json:"called_in_number,omitempty"`
	OriginalCalledIN *jsonNumber  `json:"original_called_in_number,omitempty"`
	Subsequent       *jsonNumber  `json:"subsequent_number,omitempty"`
	Generic          []jsonNumber `json:"generic_numbers,omitempty"`

	RedirectionInformation *jsonRedirection `json:"redirection_information,omitempty"`
	Cause                  *jsonCause       `json:"cause,omitempty"`
	Category               *uint8           `json:"calling_partys_category,omitempty"`
	Medium                 *uint8           `json:"transmission_medium_requirement,omitempty"`
	Event                  *uint8           `json:"event,omitempty"`
	Hop                    *uint8           `json:"hop_counter,omitempty"`
	UserToUser             *jsonUserToUser  `json:"user_to_user_information,omitempty"`
	jsonValues
	Warnings []string `json:"warnings"`
}

type jsonParameter struct {
	Name string `json:"name"`
	Code uint8  `json:"code"`
	Hex  string `json:"hex"`
}

// jsonNumber shows the fields a number parameter really has.
type jsonNumber struct {
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

type jsonCause struct {
	Location       uint8  `json:"location"`
	Value          uint8  `json:"value"`
	Coding         uint8  `json:"coding,omitempty"`
	Recommendation *uint8 `json:"recommendation,omitempty"`
	Diagnostics    string `json:"diagnostics,omitempty"`
}

type jsonRedirection struct {
	Indicator      uint8  `json:"indicator"`
	OriginalReason uint8  `json:"original_reason"`
	Counter        *uint8 `json:"counter,omitempty"`
	Reason         *uint8 `json:"reason,omitempty"`
}

type jsonUserToUser struct {
	Protocol uint8  `json:"protocol"`
	Data     string `json:"data"`
}

func newJSONMessage(m *isupbody.Message, warnings []string) *jsonMessage {
	j := &jsonMessage{
		Message: m.Type().String(), Variant: m.Variant().String(), Hex: hex.EncodeToString(m.Raw()),
		Parameters: []jsonParameter{}, Warnings: warnings,
	}
	for p := range m.Parameters {
		j.Parameters = append(j.Parameters, jsonParameter{p.Name.In(m.Variant()), uint8(p.Name), hex.EncodeToString(p.Contents)})
		if n, err := p.Number(); err == nil {
			j.addNumber(p.Name, n)
		}
	}
	j.addValues(m)
	return j
}

// addNumber puts a number under its key. Of repeated ones the first counts, as
// it does for a call; only generic numbers may be several.
func (j *jsonMessage) addNumber(name isupbody.ParameterName, n isupbody.Number) {
	key := map[isupbody.ParameterName]**jsonNumber{
		isupbody.ParamCalledPartyNumber: &j.Called, isupbody.ParamCallingPartyNumber: &j.Calling,
		isupbody.ParamOriginalCalledNumber: &j.Original, isupbody.ParamRedirectingNumber: &j.Redirecting,
		isupbody.ParamRedirectionNumber: &j.Redirection, isupbody.ParamLocationNumber: &j.Location,
		isupbody.ParamConnectedNumber: &j.Connected, isupbody.ParamCallTransferNumber: &j.CallTransfer,
		isupbody.ParamCalledINNumber: &j.CalledIN, isupbody.ParamOriginalCalledINNumber: &j.OriginalCalledIN,
		isupbody.ParamSubsequentNumber: &j.Subsequent,
	}[name]
	switch {
	case name == isupbody.ParamGenericNumber:
		j.Generic = append(j.Generic, *newJSONNumber(name, n))
	case key != nil && *key == nil:
		*key = newJSONNumber(name, n)
	}
}

func newJSONNumber(name isupbody.ParameterName, n isupbody.Number) *jsonNumber {
	j := &jsonNumber{Digits: n.Digits(), ST: ptr(n.ST()), Incomplete: n.Incomplete}
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
