package isupbody

// Location number, clause 3.30:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2|INN| numb. plan| APRI  |   SI  |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const locationNumberFields = isNumber | hasNature | hasPlan | hasINN | hasPresentation | hasScreening

// LocationNumber is the location number, clause 3.30.
func (m *Message) LocationNumber() (Number, error) {
	return m.number(ParamLocationNumber, 0)
}
