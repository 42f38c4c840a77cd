package isupbody

// Variant is the family of ISUP a message is written in. Only the IAM's fixed
// part and the national parameter codes depend on it.
type Variant uint8

const (
	// VariantITU is Q.763, with its national and ETSI relatives.
	VariantITU Variant = iota
	// VariantANSI is ANSI T1.113: no transmission medium requirement, user
	// service information in the variable part instead.
	VariantANSI
)

// String gives "itu" or "ansi".
func (v Variant) String() string {
	if v == VariantANSI {
		return "ansi"
	}
	return "itu"
}

// VariantOf reads the variant from the parameters of an application/isup
// Content-Type: what contains "ansi", in any case, is ANSI, all else ITU. That
// is how Wireshark reads them too; the values of version are free text by
// bilateral agreement (RFC 3204 section 3.1), so nothing sharper holds. The
// answer is a hint: Decode looks at the octets as well.
func VariantOf(label []byte) Variant {
	const want = "ansi"
	for i := 0; i+len(want) <= len(label); i++ {
		n := 0
		for n < len(want) && label[i+n]|0x20 == want[n] {
			n++
		}
		if n == len(want) {
			return VariantANSI
		}
	}
	return VariantITU
}
