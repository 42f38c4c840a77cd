package isupbody

import "bytes"

// IAM is an initial address message of ITU-T to be written, Q.763 table 32. To
// read one, Decode and the getters are cheaper.
type IAM struct {
	NatureOfConnection   NatureOfConnection   // fixed, clause 3.35
	ForwardCall          ForwardCall          // fixed, clause 3.23
	CallingPartyCategory CallingPartyCategory // fixed, clause 3.11
	TransmissionMedium   TransmissionMedium   // fixed, clause 3.54
	CalledPartyNumber    Number               // variable, clause 3.9
	Optional             []Parameter          // in wire order
}

// NewIAM makes an IAM to that number as a gateway makes it from a plain call
// (RFC 3398 section 8.2.1.1): ISUP all the way and preferred, no interworking,
// ISDN access, an ordinary subscriber, 3.1 kHz audio.
func NewIAM(called Number) IAM {
	return IAM{
		ForwardCall:          ForwardCall{0x20, 0x01},
		CallingPartyCategory: CategoryOrdinary,
		TransmissionMedium:   Medium3100Hz,
		CalledPartyNumber:    called,
	}
}

// Add adds an optional parameter. The contents are kept, not copied.
func (m *IAM) Add(name ParameterName, contents []byte) {
	m.Optional = append(m.Optional, Parameter{Name: name, Section: Optional, Contents: contents})
}

// AddNumber adds a number parameter.
func (m *IAM) AddNumber(name ParameterName, n Number) error {
	contents, err := n.AppendContents(nil, name)
	if err != nil {
		return &ParseError{Message: MessageIAM, Parameter: name, Err: err}
	}
	m.Add(name, contents)
	return nil
}

// AddHopCounter adds a hop counter, clause 3.80.
func (m *IAM) AddHopCounter(h HopCounter) {
	m.Add(ParamHopCounter, []byte{byte(h) & 0x1F})
}

// AppendBinary appends the message's octets.
func (m IAM) AppendBinary(dst []byte) ([]byte, error) {
	called, err := m.CalledPartyNumber.AppendContents(nil, ParamCalledPartyNumber)
	if err != nil {
		return dst, &ParseError{Message: MessageIAM, Parameter: ParamCalledPartyNumber, Err: err}
	}
	d := Draft{Type: MessageIAM, Parameters: []Parameter{
		{Name: ParamNatureOfConnectionIndicators, Contents: []byte{byte(m.NatureOfConnection)}},
		{Name: ParamForwardCallIndicators, Contents: m.ForwardCall[:]},
		{Name: ParamCallingPartyCategory, Contents: []byte{byte(m.CallingPartyCategory)}},
		{Name: ParamTransmissionMediumRequirement, Contents: []byte{byte(m.TransmissionMedium)}},
		{Name: ParamCalledPartyNumber, Contents: called},
	}}
	d.Parameters = append(d.Parameters, m.Optional...)
	return d.AppendBinary(dst)
}

// MarshalBinary is AppendBinary into new memory.
func (m IAM) MarshalBinary() ([]byte, error) { return m.AppendBinary(nil) }

// UnmarshalBinary reads an ITU-T IAM and copies what it keeps. What stands
// between and behind the parts is not kept; edit a Message where that matters.
func (m *IAM) UnmarshalBinary(b []byte) error {
	v, err := Decode(bytes.Clone(b), VariantITU)
	if err != nil {
		return err
	}
	if v.Type() != MessageIAM || v.Variant() != VariantITU {
		return &ParseError{Message: v.Type(), Err: ErrNotIAM}
	}
	var iam IAM
	if iam.CalledPartyNumber, err = v.CalledPartyNumber(); err != nil {
		return err
	}
	// The fixed part is complete, or Decode had said so.
	iam.NatureOfConnection, _ = v.NatureOfConnection()
	iam.ForwardCall, _ = v.ForwardCall()
	iam.CallingPartyCategory, _ = v.CallingPartyCategory()
	iam.TransmissionMedium, _ = v.TransmissionMedium()
	for p := range v.Parameters {
		if p.Section == Optional {
			iam.Optional = append(iam.Optional, p)
		}
	}
	*m = iam
	return nil
}
