package isupbody

// TransmissionMedium is the transmission medium requirement, clause 3.54.
type TransmissionMedium uint8

// Transmission media; the rest are multiples of 64 kbit/s.
const (
	MediumSpeech      TransmissionMedium = 0
	Medium64Kbit      TransmissionMedium = 2 // 64 kbit/s unrestricted
	Medium3100Hz      TransmissionMedium = 3 // 3.1 kHz audio
	Medium64Preferred TransmissionMedium = 6 // 64 kbit/s preferred
	Medium2x64Kbit    TransmissionMedium = 7
	Medium384Kbit     TransmissionMedium = 8
	Medium1536Kbit    TransmissionMedium = 9
	Medium1920Kbit    TransmissionMedium = 10
)

// TransmissionMedium is the transmission medium requirement, clause 3.54. An IAM
// of ANSI T1.113 has none.
func (m *Message) TransmissionMedium() (TransmissionMedium, error) {
	return first(m, ParamTransmissionMediumRequirement, Parameter.TransmissionMedium)
}

// TransmissionMedium reads the contents as a transmission medium requirement; the name is not looked at.
func (p Parameter) TransmissionMedium() (TransmissionMedium, error) {
	b, err := p.octet()
	return TransmissionMedium(b), err
}

// String gives the medium in words, or its number.
func (t TransmissionMedium) String() string {
	return named([]string{
		0: "speech", 2: "64 kbit/s unrestricted", 3: "3.1 kHz audio", 6: "64 kbit/s preferred",
		7: "2 x 64 kbit/s", 8: "384 kbit/s", 9: "1536 kbit/s", 10: "1920 kbit/s",
	}, uint8(t))
}

// AppendContents appends the parameter's contents.
func (t TransmissionMedium) AppendContents(dst []byte) []byte { return append(dst, byte(t)) }
