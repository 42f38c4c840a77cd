package isupbody

import "strconv"

// MessageType is the first octet of a message, Q.763 clause 1.3 table 4.
type MessageType uint8

// The message types of Q.763.
const (
	MessageIAM  MessageType = 0x01 // initial address
	MessageSAM  MessageType = 0x02 // subsequent address
	MessageINR  MessageType = 0x03 // information request
	MessageINF  MessageType = 0x04 // information
	MessageCOT  MessageType = 0x05 // continuity
	MessageACM  MessageType = 0x06 // address complete
	MessageCON  MessageType = 0x07 // connect
	MessageFOT  MessageType = 0x08 // forward transfer
	MessageANM  MessageType = 0x09 // answer
	MessageREL  MessageType = 0x0C // release
	MessageSUS  MessageType = 0x0D // suspend
	MessageRES  MessageType = 0x0E // resume
	MessageRLC  MessageType = 0x10 // release complete
	MessageCCR  MessageType = 0x11 // continuity check request
	MessageRSC  MessageType = 0x12 // reset circuit
	MessageBLO  MessageType = 0x13 // blocking
	MessageUBL  MessageType = 0x14 // unblocking
	MessageBLA  MessageType = 0x15 // blocking acknowledgement
	MessageUBA  MessageType = 0x16 // unblocking acknowledgement
	MessageGRS  MessageType = 0x17 // circuit group reset
	MessageCGB  MessageType = 0x18 // circuit group blocking
	MessageCGU  MessageType = 0x19 // circuit group unblocking
	MessageCGBA MessageType = 0x1A // circuit group blocking acknowledgement
	MessageCGUA MessageType = 0x1B // circuit group unblocking acknowledgement
	MessageFAR  MessageType = 0x1F // facility request
	MessageFAA  MessageType = 0x20 // facility accepted
	MessageFRJ  MessageType = 0x21 // facility reject
	MessageLPA  MessageType = 0x24 // loop back acknowledgement
	MessagePAM  MessageType = 0x28 // pass-along
	MessageGRA  MessageType = 0x29 // circuit group reset acknowledgement
	MessageCQM  MessageType = 0x2A // circuit group query
	MessageCQR  MessageType = 0x2B // circuit group query response
	MessageCPG  MessageType = 0x2C // call progress
	MessageUSR  MessageType = 0x2D // user-to-user information
	MessageUCIC MessageType = 0x2E // unequipped circuit identification code
	MessageCFN  MessageType = 0x2F // confusion
	MessageOLM  MessageType = 0x30 // overload
	MessageCRG  MessageType = 0x31 // charge information
	MessageNRM  MessageType = 0x32 // network resource management
	MessageFAC  MessageType = 0x33 // facility
	MessageUPT  MessageType = 0x34 // user part test
	MessageUPA  MessageType = 0x35 // user part available
	MessageIDR  MessageType = 0x36 // identification request
	MessageIRS  MessageType = 0x37 // identification response
	MessageSGM  MessageType = 0x38 // segmentation
	MessageLOP  MessageType = 0x40 // loop prevention
	MessageAPM  MessageType = 0x41 // application transport
	MessagePRI  MessageType = 0x42 // pre-release information
	MessageSDN  MessageType = 0x43 // subsequent directory number
)

// Known says whether Q.763 has such a message type.
func (t MessageType) Known() bool { return layouts[t].abbreviation != "" }

// String gives the abbreviation, and the code for a type that is not known:
// "IAM", "unknown message 0x0B".
func (t MessageType) String() string {
	if a := layouts[t].abbreviation; a != "" {
		return a
	}
	return "unknown message 0x" + hexOctet(uint8(t))
}

// Title gives the name in words: "initial address".
func (t MessageType) Title() string {
	if n := layouts[t].title; n != "" {
		return n
	}
	return t.String()
}

func hexOctet(b uint8) string {
	s := strconv.FormatUint(uint64(b)|0x100, 16)
	return s[1:]
}
