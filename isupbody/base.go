package isupbody

// Base is the ISUP that a message is written in, as the base parameter of
// application/ISUP names it (RFC 3204 section 3.1, table 1).
type Base uint8

// The bases of the table.
const (
	BaseUnknown Base = iota
	BaseITU88
	BaseITU92
	BaseANSI88
	BaseANSI00
	BaseETSI121
	BaseETSI356
	BaseGR317
	BaseTTC87
	BaseTTC93
)

// baseNames are the values of the parameter.
var baseNames = [...]string{
	BaseITU88: "itu-t88", BaseITU92: "itu-t92+", BaseANSI88: "ansi88", BaseANSI00: "ansi00", BaseETSI121: "etsi121",
	BaseETSI356: "etsi356", BaseGR317: "gr317", BaseTTC87: "ttc87", BaseTTC93: "ttc93+",
}

// BaseCount is the number of bases, the unknown one included.
const BaseCount = len(baseNames)

// String gives the parameter's value; an unknown base has none.
func (b Base) String() string {
	if int(b) < len(baseNames) {
		return baseNames[b]
	}
	return ""
}

// Variant gives the family of the base.
func (b Base) Variant() Variant {
	switch b {
	case BaseANSI88, BaseANSI00, BaseGR317:
		return VariantANSI
	}
	return VariantITU
}

// ParseBase reads a value of the parameter, in any case. Many write it into
// version, which is free text by bilateral agreement.
func ParseBase[T string | []byte](text T) (Base, bool) {
	for b := BaseITU88; int(b) < len(baseNames); b++ {
		if foldName(text, baseNames[b]) {
			return b, true
		}
	}
	return BaseUnknown, false
}

// foldName compares with a name in lower case, without regard to the case of text.
func foldName[T string | []byte](text T, name string) bool {
	if len(text) != len(name) {
		return false
	}
	for i := range len(name) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != name[i] {
			return false
		}
	}
	return true
}
