package e2e_test

import "slices"

// The IAMs of these tests are written here octet by octet, and not with sipid's own encoder, which could be wrong in
// the same way as its decoder.

// iam is an IAM as a VAS platform sends it: called 95165 with ST, calling 057112345678, the original called number.
func iam(original string, more ...byte) []byte {
	called := []byte{0x03, 0x10, 0x59, 0x61, 0xF5}
	calling := append([]byte{0x03, 0x13}, bcd("057112345678")...)
	number := append([]byte{0x03 | byte(len(original)%2)<<7, 0x10}, bcd(original)...)
	// Type, nature of connection, forward call (2), category, medium; pointers to called and to the optional part.
	b := []byte{0x01, 0x00, 0x60, 0x01, 0x0A, 0x03, 0x02, byte(2 + len(called)), byte(len(called))}
	b = slices.Concat(b, called,
		[]byte{0x0A, byte(len(calling))}, calling, // calling party number
		[]byte{0x28, byte(len(number))}, number, // original called number
		[]byte{0x13, 0x02, 0x03, 0x31}, // redirection information
		[]byte{0x3D, 0x01, 0x1E},       // hop counter
		more)
	return append(b, 0x00)
}

// bcd packs two digits to the octet, the first in the low half, with filler 0 for an odd one.
func bcd(digits string) []byte {
	var b []byte
	for i, c := range []byte(digits) {
		if i%2 == 0 {
			b = append(b, c-'0')
		} else {
			b[i/2] |= (c - '0') << 4
		}
	}
	return b
}
