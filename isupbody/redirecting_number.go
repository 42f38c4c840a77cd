package isupbody

// Redirecting number, clause 3.44:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2| - | numb. plan| APRI  | spare |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const redirectingNumberFields = isNumber | hasNature | hasPlan | hasPresentation

// RedirectingNumber is the redirecting number, clause 3.44.
func (m *Message) RedirectingNumber() (Number, error) {
	return m.number(ParamRedirectingNumber, 0)
}
