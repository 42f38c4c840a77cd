package isupbody

// Calling party number, clause 3.10:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2|NI | numb. plan| APRI  |   SI  |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const callingPartyNumberFields = isNumber | hasNature | hasPlan | hasIncomplete | hasPresentation | hasScreening

// CallingPartyNumber is the calling party number, clause 3.10.
func (m *Message) CallingPartyNumber() (Number, error) {
	return m.number(ParamCallingPartyNumber, 0)
}
