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

// VariantOf is VariantFor with ITU-T as the default.
func VariantOf(label []byte) Variant { return VariantFor(label, VariantITU) }

// VariantFor reads the variant from an application/isup Content-Type or its
// parameters: from base (RFC 3204 section 3.1 table 1), then from version, then
// from any other text of the label, and gives the default where none of them says
// anything. The values of version are free text by bilateral agreement, so what
// contains a family's name, in any case, is of that family.
//
// Anything else in the label counts as Wireshark counts it: "ansi" is ANSI.
//
// The answer is a hint: Decode looks at the octets as well.
func VariantFor(label []byte, byDefault Variant) Variant {
	var base, version []byte
	for rest := label; len(rest) > 0; {
		var name, value []byte
		name, value, rest = nextParameter(rest)
		switch {
		case base == nil && equalFold(name, "base"):
			base = value
		case version == nil && equalFold(name, "version"):
			version = value
		}
	}
	for _, value := range [...][]byte{base, version} {
		if v, ok := family(value); ok {
			return v
		}
	}
	if containsFold(label, "ansi") {
		return VariantANSI
	}
	return byDefault
}

// family finds a family's name in a value, ANSI before any other. GR-317 is
// Bellcore's specification of ANSI ISUP; ETSI, TTC (Japan) and SPIROU (France) are
// relatives of Q.763.
func family(value []byte) (v Variant, found bool) {
	for i, c := range value {
		rest := value[i:]
		switch c | 0x20 { // every call comes here, and most octets begin no name
		case 'a':
			if startsFold(rest, "ansi") {
				return VariantANSI, true
			}
		case 'g':
			if startsFold(rest, "gr317") || startsFold(rest, "gr-317") {
				return VariantANSI, true
			}
		case 'i':
			found = found || startsFold(rest, "itu")
		case 'e':
			found = found || startsFold(rest, "etsi")
		case 't':
			found = found || startsFold(rest, "ttc")
		case 's':
			found = found || startsFold(rest, "spirou")
		}
	}
	return VariantITU, found
}

// nextParameter takes the first of name=value off a list divided by semicolons.
// White space and line ends around both are not looked at: RFC 3204's own example
// folds its label without an indent.
func nextParameter(list []byte) (name, value, rest []byte) {
	equals, end, quoted := -1, 0, false
	for ; end < len(list) && (quoted || list[end] != ';'); end++ {
		switch {
		case list[end] == '"':
			quoted = !quoted
		case list[end] == '=' && equals < 0:
			equals = end
		}
	}
	rest = list[min(end+1, len(list)):]
	if equals < 0 {
		return nil, nil, rest
	}
	return trim(list[:equals]), trim(list[equals+1 : end]), rest
}

// trim takes white space and quotes off both ends.
func trim(b []byte) []byte {
	around := func(c byte) bool { return c <= ' ' || c == '"' }
	for len(b) > 0 && around(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && around(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// containsFold looks for a lower case name of letters, digits and hyphens.
func containsFold(b []byte, name string) bool {
	for i := range b {
		if startsFold(b[i:], name) {
			return true
		}
	}
	return false
}

func startsFold(b []byte, name string) bool {
	return len(b) >= len(name) && equalFold(b[:len(name)], name)
}

func equalFold(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}
