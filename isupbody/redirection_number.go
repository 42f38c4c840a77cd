package isupbody

// Redirection number, clause 3.46:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2|INN| numb. plan| spare |  spare|
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const redirectionNumberFields = isNumber | hasNature | hasPlan | hasINN

// RedirectionNumber is the redirection number, clause 3.46.
func (m *Message) RedirectionNumber() (Number, error) {
	return m.number(ParamRedirectionNumber, 0)
}
