package isupbody

// Original called number, clause 3.39:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2| - | numb. plan| APRI  | spare |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
//
// Its digits are what the call centre method is about: access ID and serial. A
// restricted presentation does not hide them from us, it forbids to show them on.
const originalCalledNumberFields = isNumber | hasNature | hasPlan | hasPresentation

// OriginalCalledNumber is the original called number, clause 3.39.
func (m *Message) OriginalCalledNumber() (Number, error) {
	return m.number(ParamOriginalCalledNumber, 0)
}
