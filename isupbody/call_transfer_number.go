package isupbody

// Call transfer number, laid out as the connected number:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2| - | numb. plan| APRI  |   SI  |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const callTransferNumberFields = isNumber | hasNature | hasPlan | hasPresentation | hasScreening

// CallTransferNumber is the call transfer number, laid out as the connected number.
func (m *Message) CallTransferNumber() (Number, error) {
	return m.number(ParamCallTransferNumber, 0)
}
