package isupbody

import (
	"io"
	"strconv"
)

// UserService is the user service information, clause 3.57: a bearer capability
// as in Q.931 clause 4.5.5, without code and length.
//
//	    8    7   6    5   4   3   2   1
//	 +-----+--------+-------------------+
//	1| ext | coding |transfer capability|
//	 +-----+--------+-------------------+
//	2| ext |  mode  |   transfer rate   |
//	 +-----+--------+-------------------+
//	2a| 1  | multiplier, if the rate is 24
//	 +-----+--------+-------------------+
//	3| ext | 0   1  | layer 1 protocol  |  3a ...: details, as long as ext is 0
//	 +-----+--------+-------------------+
//	4| ext | 1   0  | layer 2 protocol  |
//	 +-----+--------+-------------------+
//	5| ext | 1   1  | layer 3 protocol  |
//	 +-----+--------+-------------------+
type UserService struct {
	Coding     uint8 // 0 is ITU-T
	Capability TransferCapability
	Mode       uint8 // 0 circuit, 2 packet
	Rate       uint8 // 16 is 64 kbit/s, 24 is multirate
	Multiplier uint8 // of 64 kbit/s, where the rate is multirate
	Layers     [3]LayerProtocol
	Rest       []byte // what follows and is no layer; a view over the message's octets
}

// LayerProtocol is what the user service information says of one layer.
type LayerProtocol struct {
	Present  bool
	Protocol uint8  // layer 1: 2 is G.711 mu-law, 3 is G.711 A-law
	Details  []byte // octets 3a and on; a view over the message's octets
}

// TransferCapability is the information transfer capability.
type TransferCapability uint8

// Transfer capabilities.
const (
	CapabilitySpeech       TransferCapability = 0
	CapabilityUnrestricted TransferCapability = 8
	CapabilityRestricted   TransferCapability = 9
	Capability3100Hz       TransferCapability = 16
	CapabilityWithTones    TransferCapability = 17 // unrestricted digital information with tones
	CapabilityVideo        TransferCapability = 24
)

const rateMultirate = 24

// UserServiceInformation is the user service information, clause 3.57. It is in
// the variable part of an ANSI T1.113 IAM and optional in ITU-T.
func (m *Message) UserServiceInformation() (UserService, error) {
	return first(m, ParamUserServiceInformation, Parameter.UserService)
}

// UserServiceInformationPrime is the user service information prime, clause
// 3.58: the bearer capability to fall back from.
func (m *Message) UserServiceInformationPrime() (UserService, error) {
	return first(m, ParamUserServiceInformationPrime, Parameter.UserService)
}

// UserService reads the contents as a bearer capability; the name is not looked
// at.
func (p Parameter) UserService() (UserService, error) {
	b := p.Contents
	if len(b) < 2 {
		return UserService{}, io.ErrUnexpectedEOF
	}
	u := UserService{
		Coding: b[0] >> 5 & 3, Capability: TransferCapability(b[0] & 0x1F),
		Mode: b[1] >> 5 & 3, Rate: b[1] & 0x1F,
	}
	b = b[2:]
	if u.Rate == rateMultirate {
		if len(b) == 0 {
			return u, io.ErrUnexpectedEOF
		}
		u.Multiplier, b = b[0]&0x7F, b[1:]
	}
	for i := range u.Layers {
		if len(b) == 0 || int(b[0]>>5&3) != i+1 {
			continue
		}
		end := extended(b)
		if end > len(b) {
			return u, io.ErrUnexpectedEOF
		}
		u.Layers[i] = LayerProtocol{Present: true, Protocol: b[0] & 0x1F, Details: b[1:end:end]}
		b = b[end:]
	}
	u.Rest = b
	return u, nil
}

// extended gives how many octets belong together by their extension bits: the
// last of them has bit 8 set. It is more than there are where none has.
func extended(b []byte) int {
	for i, octet := range b {
		if octet&0x80 != 0 {
			return i + 1
		}
	}
	return len(b) + 1
}

// AppendContents appends the parameter's contents. Details have to end in an
// octet with bit 8 set, as they do when they were read.
func (u UserService) AppendContents(dst []byte) []byte {
	dst = append(dst, 0x80|u.Coding&3<<5|byte(u.Capability)&0x1F, 0x80|u.Mode&3<<5|u.Rate&0x1F)
	if u.Rate&0x1F == rateMultirate {
		dst = append(dst, 0x80|u.Multiplier&0x7F)
	}
	for i, l := range u.Layers {
		if !l.Present {
			continue
		}
		dst = append(dst, bit(len(l.Details) == 0, 0x80)|byte(i+1)<<5|l.Protocol&0x1F)
		dst = append(dst, l.Details...)
	}
	return append(dst, u.Rest...)
}

// String gives the capability in words, or its number.
func (c TransferCapability) String() string {
	switch c {
	case CapabilitySpeech:
		return "speech"
	case CapabilityUnrestricted:
		return "unrestricted digital information"
	case CapabilityRestricted:
		return "restricted digital information"
	case Capability3100Hz:
		return "3.1 kHz audio"
	case CapabilityWithTones:
		return "unrestricted digital information with tones"
	case CapabilityVideo:
		return "video"
	}
	return strconv.Itoa(int(c))
}
