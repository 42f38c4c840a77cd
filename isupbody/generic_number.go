package isupbody

// Generic number, clause 3.26:
//
//	   8   7   6   5   4   3   2   1
//	 +-------------------------------+
//	1|    number qualifier indicator |
//	 +---+---------------------------+
//	2|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	3|NI | numb. plan| APRI  |   SI  |
//	 +---------------+---------------+
//	4|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const genericNumberFields = isNumber | hasQualifier | hasNature | hasPlan | hasIncomplete | hasPresentation | hasScreening

// GenericNumber is the nth generic number, counted from 0, clause 3.26. A message
// may have several, for different uses. In ANSI T1.113 the code is the generic
// address, whose type of address stands where the qualifier is.
func (m *Message) GenericNumber(nth int) (Number, error) {
	return m.number(ParamGenericNumber, nth)
}

// NumberQualifier says what a generic number is, clause 3.26 a.
type NumberQualifier uint8

// Number qualifiers.
const (
	QualifierAdditionalCalled         NumberQualifier = 1
	QualifierAdditionalConnected      NumberQualifier = 5
	QualifierAdditionalCalling        NumberQualifier = 6
	QualifierAdditionalOriginalCalled NumberQualifier = 7
	QualifierAdditionalRedirecting    NumberQualifier = 8
	QualifierAdditionalRedirection    NumberQualifier = 9
)

// String gives the qualifier in words, or its number.
func (q NumberQualifier) String() string {
	return named([]string{
		1: "additional called number", 5: "additional connected number",
		6: "additional calling party number", 7: "additional original called number",
		8: "additional redirecting number", 9: "additional redirection number",
	}, uint8(q))
}
