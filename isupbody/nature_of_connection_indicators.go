package isupbody

// NatureOfConnection is the nature of connection indicators, clause 3.35:
//
//	  8   7   6   5   4   3   2   1
//	+-----------+---+-------+-------+
//	|   spare   | E |  D C  |  B A  |
//	+-----------+---+-------+-------+
type NatureOfConnection uint8

// NatureOfConnection is the nature of connection indicators, clause 3.35.
func (m *Message) NatureOfConnection() (NatureOfConnection, error) {
	return first(m, ParamNatureOfConnectionIndicators, Parameter.NatureOfConnection)
}

// NatureOfConnection reads the contents as nature of connection indicators; the name is not looked at.
func (p Parameter) NatureOfConnection() (NatureOfConnection, error) {
	b, err := p.octet()
	return NatureOfConnection(b), err
}

// Satellites gives bits BA: how many satellite circuits are in the connection.
func (n NatureOfConnection) Satellites() int { return int(n & 3) }

// ContinuityCheck gives bits DC: 0 not required, 1 required on this circuit, 2
// performed on a previous circuit.
func (n NatureOfConnection) ContinuityCheck() int { return int(n >> 2 & 3) }

// EchoDevice gives bit E: an outgoing echo control device is included.
func (n NatureOfConnection) EchoDevice() bool { return n&0x10 != 0 }

// AppendContents appends the parameter's contents.
func (n NatureOfConnection) AppendContents(dst []byte) []byte { return append(dst, byte(n)) }

// WithSatellites gives the indicators with other bits BA.
func (n NatureOfConnection) WithSatellites(v int) NatureOfConnection { return n.with(0, 2, v) }

// WithContinuityCheck gives the indicators with other bits DC.
func (n NatureOfConnection) WithContinuityCheck(v int) NatureOfConnection { return n.with(2, 2, v) }

// WithEchoDevice gives the indicators with another bit E.
func (n NatureOfConnection) WithEchoDevice(v bool) NatureOfConnection { return n.with(4, 1, one(v)) }

func (n NatureOfConnection) with(shift, width, v int) NatureOfConnection {
	return NatureOfConnection(withBits(byte(n), shift, width, v))
}
