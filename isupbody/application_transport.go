package isupbody

import "io"

// ApplicationTransport is the application transport of Q.763 (12/1999):
//
//	     8    7   6   5   4   3   2   1
//	  +-----+---------------------------+
//	1 | ext |   application context     |
//	  +-----+---------------------------+
//	1a|  1  | its high bits, if ext is 0|
//	  +-----+-------------------+---+---+
//	2 | ext |       spare       |SNI|RCI|
//	  +-----+---+---------------+---+---+
//	3 | ext | SI| segments to follow    |
//	  +-----+---+-----------------------+
//	3a|  1  | segmentation reference,   |
//	  |     | if ext is 0               |
//	  +-----+---------------------------+
//	4 | information of the application  |
//	  +---------------------------------+
//
// Which segments belong together is the receiver's matter (Q.765).
type ApplicationTransport struct {
	Context          uint16 // 0 unidentified, 1 PSS1, 3 charging, 4 GAT, 5 BAT
	ReleaseCall      bool   // RCI, where the application is not there
	SendNotification bool   // SNI, where the application is not there
	NewSequence      bool   // SI: the first segment
	Segments         uint8  // that follow; 0: the last one
	HasReference     bool
	Reference        uint8
	Information      []byte // a view over the message's octets
}

// ApplicationTransport is the nth application transport, counted from 0. A
// message may have several, for different applications.
func (m *Message) ApplicationTransport(nth int) (ApplicationTransport, error) {
	p, ok := m.Find(ParamApplicationTransport, nth)
	if !ok {
		return ApplicationTransport{}, ErrAbsent
	}
	a, err := p.ApplicationTransport()
	if err != nil {
		err = m.short(p)
	}
	return a, err
}

// ApplicationTransport reads the contents as an application transport; the name
// is not looked at.
func (p Parameter) ApplicationTransport() (ApplicationTransport, error) {
	b := p.Contents
	if len(b) < 3 {
		return ApplicationTransport{}, io.ErrUnexpectedEOF
	}
	a := ApplicationTransport{Context: uint16(b[0] & 0x7F)}
	if b[0]&0x80 == 0 {
		a.Context |= uint16(b[1]&0x7F) << 7
		b = b[1:]
	}
	if len(b) < 3 {
		return a, io.ErrUnexpectedEOF
	}
	a.ReleaseCall, a.SendNotification = b[1]&0x01 != 0, b[1]&0x02 != 0
	a.NewSequence, a.Segments = b[2]&0x40 != 0, b[2]&0x3F
	last := b[2]&0x80 != 0
	b = b[3:]
	if !last {
		if len(b) == 0 {
			return a, io.ErrUnexpectedEOF
		}
		a.HasReference, a.Reference, b = true, b[0]&0x7F, b[1:]
	}
	a.Information = b
	return a, nil
}

// AppendContents appends the parameter's contents, spare bits 0.
func (a ApplicationTransport) AppendContents(dst []byte) []byte {
	low, high := byte(a.Context&0x7F), byte(a.Context>>7&0x7F)
	if high == 0 {
		dst = append(dst, 0x80|low)
	} else {
		dst = append(dst, low, 0x80|high)
	}
	dst = append(dst, 0x80|bit(a.SendNotification, 0x02)|bit(a.ReleaseCall, 0x01))
	segmentation := bit(a.NewSequence, 0x40) | a.Segments&0x3F
	if a.HasReference {
		dst = append(dst, segmentation, 0x80|a.Reference&0x7F)
	} else {
		dst = append(dst, 0x80|segmentation)
	}
	return append(dst, a.Information...)
}
