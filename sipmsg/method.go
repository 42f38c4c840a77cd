package sipmsg

// Method is a request method. Method names are case-sensitive (RFC 3261
// section 7.1): "invite" is an extension method, not INVITE.
type Method uint8

// The methods this package knows by name; all others are MethodUnknown and
// pass with their name in Message.MethodName.
const (
	MethodUnknown   Method = iota // an extension method
	MethodInvite                  // RFC 3261
	MethodAck                     // RFC 3261
	MethodBye                     // RFC 3261
	MethodCancel                  // RFC 3261
	MethodOptions                 // RFC 3261
	MethodRegister                // RFC 3261
	MethodPrack                   // RFC 3262
	MethodSubscribe               // RFC 6665
	MethodNotify                  // RFC 6665
	MethodUpdate                  // RFC 3311
	MethodMessage                 // RFC 3428
	MethodRefer                   // RFC 3515
	MethodPublish                 // RFC 3903
	MethodInfo                    // RFC 6086
)

// MethodOf gives the method of a name.
func MethodOf(name []byte) Method {
	switch string(name) { // no allocation: the compiler compares in place
	case "INVITE":
		return MethodInvite
	case "ACK":
		return MethodAck
	case "BYE":
		return MethodBye
	case "CANCEL":
		return MethodCancel
	case "OPTIONS":
		return MethodOptions
	case "REGISTER":
		return MethodRegister
	case "PRACK":
		return MethodPrack
	case "SUBSCRIBE":
		return MethodSubscribe
	case "NOTIFY":
		return MethodNotify
	case "UPDATE":
		return MethodUpdate
	case "MESSAGE":
		return MethodMessage
	case "REFER":
		return MethodRefer
	case "PUBLISH":
		return MethodPublish
	case "INFO":
		return MethodInfo
	}
	return MethodUnknown
}

// String gives the name as it stands in a request line, "extension" for MethodUnknown.
func (m Method) String() string {
	switch m {
	case MethodInvite:
		return "INVITE"
	case MethodAck:
		return "ACK"
	case MethodBye:
		return "BYE"
	case MethodCancel:
		return "CANCEL"
	case MethodOptions:
		return "OPTIONS"
	case MethodRegister:
		return "REGISTER"
	case MethodPrack:
		return "PRACK"
	case MethodSubscribe:
		return "SUBSCRIBE"
	case MethodNotify:
		return "NOTIFY"
	case MethodUpdate:
		return "UPDATE"
	case MethodMessage:
		return "MESSAGE"
	case MethodRefer:
		return "REFER"
	case MethodPublish:
		return "PUBLISH"
	case MethodInfo:
		return "INFO"
	}
	return "extension"
}
