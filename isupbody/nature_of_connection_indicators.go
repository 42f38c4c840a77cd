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
	p, err := m.contents(ParamNatureOfConnectionIndicators, 0, 1)
	if err != nil {
		return 0, err
	}
	return NatureOfConnection(p.Contents[0]), nil
}

// Satellites gives bits BA: how many satellite circuits are in the connection.
func (n NatureOfConnection) Satellites() int { return int(n & 3) }

// ContinuityCheck gives bits DC: 0 not required, 1 required on this circuit, 2
// performed on a previous circuit.
func (n NatureOfConnection) ContinuityCheck() int { return int(n >> 2 & 3) }

// EchoDevice gives bit E: an outgoing echo control device is included.
func (n NatureOfConnection) EchoDevice() bool { return n&0x10 != 0 }
