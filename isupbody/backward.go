package isupbody

// What a gateway says on the way back, octet by octet and without a Draft: these
// are written on the call path. None of them allocates when dst has room.

// BackwardCallRFC3398 gives the backward call indicators of RFC 3398 section
// 8.2.3: charge, ordinary subscriber, ISUP all the way, no interworking. The
// called party's status is 1 (subscriber free) on a 180 and 0 on a 183.
func BackwardCallRFC3398(calledStatus int) BackwardCall {
	return BackwardCall{}.WithCharge(2).WithCalledStatus(calledStatus).WithCalledCategory(1).WithISUPAllTheWay(true)
}

// BackwardCallQ1912 gives the backward call indicators of a plain SIP terminal as
// Q.1912.5 is commonly read: interworking encountered, and nothing said of
// charging. A network that hears of interworking plays announcements instead of
// sending causes (RFC 3398 section 7.2.1.1).
func BackwardCallQ1912(calledStatus int) BackwardCall {
	return BackwardCall{}.WithCalledStatus(calledStatus).WithInterworking(true)
}

// AppendACM appends an address complete message. The optional
// backward call indicators are left out where o is nil.
func AppendACM(dst []byte, b BackwardCall, o *OptionalBackwardCall) []byte {
	return appendBackward(append(dst, byte(MessageACM), b[0], b[1]), nil, o)
}

// AppendCPG appends a call progress message. Indicators that are
// nil are left out.
func AppendCPG(dst []byte, e EventInformation, b *BackwardCall, o *OptionalBackwardCall) []byte {
	return appendBackward(append(dst, byte(MessageCPG), byte(e)), b, o)
}

// AppendANM appends an answer message. Indicators that are nil are
// left out.
func AppendANM(dst []byte, b *BackwardCall, o *OptionalBackwardCall) []byte {
	return appendBackward(append(dst, byte(MessageANM)), b, o)
}

// AppendCON appends a connect message: the answer where no
// address complete message went before.
func AppendCON(dst []byte, b BackwardCall, o *OptionalBackwardCall) []byte {
	return appendBackward(append(dst, byte(MessageCON), b[0], b[1]), nil, o)
}

// AppendREL appends a release message. Diagnostics that do not
// fit behind the cause are left out: a receiver can do without them.
func AppendREL(dst []byte, c Cause) []byte {
	const inFront = 3 // octets 1, 1a and 2
	if len(c.Diagnostics) > maxLength-inFront {
		c.Diagnostics = nil
	}
	dst = append(dst, byte(MessageREL), 2, 0, 0)
	length := len(dst) - 1
	dst = c.AppendContents(dst)
	dst[length] = byte(len(dst) - length - 1)
	return dst
}

// AppendRLC appends a release complete message.
func AppendRLC(dst []byte) []byte { return append(dst, byte(MessageRLC), 0) }

// appendBackward appends the optional pointer and the optional part.
func appendBackward(dst []byte, b *BackwardCall, o *OptionalBackwardCall) []byte {
	if b == nil && o == nil {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	if b != nil {
		dst = append(dst, byte(ParamBackwardCallIndicators), 2, b[0], b[1])
	}
	if o != nil {
		dst = append(dst, byte(ParamOptionalBackwardCallIndicators), 1, byte(*o))
	}
	return append(dst, byte(ParamEndOfOptionalParameters))
}
