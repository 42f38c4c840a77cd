package main

// An IAM as SIP-I carries it (ITU-T Q.763): from the message type code on, no
// CIC. Written out here, so that the generator shares nothing with what it tests.

// appendIAM writes an IAM: called (with ST), calling party number, original
// called number, redirection information, hop counter. All are ASCII digits.
func appendIAM(dst, called, calling, original []byte) []byte {
	dst = append(dst,
		0x01,       // IAM
		0x00,       // nature of connection indicators
		0x60, 0x01, // forward call indicators
		0x0a, // calling party's category: ordinary subscriber
		0x03, // transmission medium requirement: 3.1 kHz audio
		0x02, // pointer to the called party number
		0x00) // pointer to the optional part, set below
	pointer := len(dst) - 1
	dst = appendCalled(dst, called)
	dst[pointer] = byte(len(dst) - pointer)
	dst = appendNumber(dst, 0x0a, 0x13, calling)  // NI 0, NPI 1, APRI 0, screening 3 (network provided)
	dst = appendNumber(dst, 0x28, 0x10, original) // NPI 1, APRI 0
	// redirection information: call diversion, unconditional, counter 1
	dst = append(dst, 0x13, 0x02, 0x03, 0x31)
	dst = append(dst, 0x3d, 0x01, 0x1e) // hop counter
	return append(dst, 0x00)            // end of optional parameters
}

// appendCalled writes length, nature of address 3 (national), INN 0 with NPI 1,
// digits, ST.
func appendCalled(dst, digits []byte) []byte {
	at := len(dst)
	dst = append(dst, 0, oddFlag(len(digits)+1)|0x03, 0x10)
	for i := 0; i <= len(digits); i += 2 {
		low, high := byte(0xf), byte(0)
		if i < len(digits) {
			low = digits[i] - '0'
		}
		if i+1 < len(digits) {
			high = digits[i+1] - '0'
		} else if i+1 == len(digits) {
			high = 0xf
		}
		dst = append(dst, high<<4|low)
	}
	dst[at] = byte(len(dst) - at - 1)
	return dst
}

// appendNumber writes code, length, nature of address 3 and the digits.
func appendNumber(dst []byte, code, second byte, digits []byte) []byte {
	dst = append(dst, code, byte(2+(len(digits)+1)/2), oddFlag(len(digits))|0x03, second)
	for i := 0; i < len(digits); i += 2 {
		b := digits[i] - '0'
		if i+1 < len(digits) {
			b |= (digits[i+1] - '0') << 4
		}
		dst = append(dst, b)
	}
	return dst
}

func oddFlag(n int) byte { return byte(n%2) << 7 }
