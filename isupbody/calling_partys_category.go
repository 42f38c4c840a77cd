package isupbody

import "strconv"

// CallingPartyCategory is the calling party's category, clause 3.11.
type CallingPartyCategory uint8

// Calling party's categories.
const (
	CategoryUnknown        CallingPartyCategory = 0x00 // national use
	CategoryFrench         CallingPartyCategory = 0x01 // operator, language French
	CategoryEnglish        CallingPartyCategory = 0x02
	CategoryGerman         CallingPartyCategory = 0x03
	CategoryRussian        CallingPartyCategory = 0x04
	CategorySpanish        CallingPartyCategory = 0x05
	CategoryOrdinary       CallingPartyCategory = 0x0A // ordinary calling subscriber
	CategoryPriority       CallingPartyCategory = 0x0B
	CategoryData           CallingPartyCategory = 0x0C // voice band data
	CategoryTest           CallingPartyCategory = 0x0D
	CategoryIEPS           CallingPartyCategory = 0x0E // international emergency preference scheme
	CategoryPayphone       CallingPartyCategory = 0x0F
	CategoryMobileHome     CallingPartyCategory = 0x10 // mobile terminal in its home network
	CategoryMobileVisiting CallingPartyCategory = 0x11 // mobile terminal in a visited network
)

// CallingPartyCategory is the calling party's category, clause 3.11.
func (m *Message) CallingPartyCategory() (CallingPartyCategory, error) {
	return first(m, ParamCallingPartyCategory, Parameter.CallingPartyCategory)
}

// CallingPartyCategory reads the contents as a calling party's category; the name is not looked at.
func (p Parameter) CallingPartyCategory() (CallingPartyCategory, error) {
	b, err := p.octet()
	return CallingPartyCategory(b), err
}

// String gives the category in words, or its number.
func (c CallingPartyCategory) String() string {
	switch c {
	case CategoryUnknown:
		return "unknown"
	case CategoryFrench, CategoryEnglish, CategoryGerman, CategoryRussian, CategorySpanish:
		return "operator, language " + [...]string{"French", "English", "German", "Russian", "Spanish"}[c-1]
	case CategoryOrdinary:
		return "ordinary subscriber"
	case CategoryPriority:
		return "subscriber with priority"
	case CategoryData:
		return "data call"
	case CategoryTest:
		return "test call"
	case CategoryIEPS:
		return "IEPS"
	case CategoryPayphone:
		return "payphone"
	case CategoryMobileHome:
		return "mobile in its home network"
	case CategoryMobileVisiting:
		return "mobile in a visited network"
	}
	return strconv.Itoa(int(c))
}

// AppendContents appends the parameter's contents.
func (c CallingPartyCategory) AppendContents(dst []byte) []byte { return append(dst, byte(c)) }
