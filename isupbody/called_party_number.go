package isupbody

// Called party number, clause 3.9:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2|INN| numb. plan| spare |  spare|
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
//
// ST as the last signal says that no more digits follow; it is counted as one.
const calledPartyNumberFields = isNumber | hasNature | hasPlan | hasINN

// CalledPartyNumber is the called party number, clause 3.9.
func (m *Message) CalledPartyNumber() (Number, error) {
	return m.number(ParamCalledPartyNumber, 0)
}
