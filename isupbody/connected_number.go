package isupbody

// Connected number, clause 3.16:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2| - | numb. plan| APRI  |   SI  |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const connectedNumberFields = isNumber | hasNature | hasPlan | hasPresentation | hasScreening

// ConnectedNumber is the connected number, clause 3.16.
func (m *Message) ConnectedNumber() (Number, error) {
	return m.number(ParamConnectedNumber, 0)
}
