package isupbody

// Subsequent number, clause 3.51:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|           spare           |
//	 +---+-----------+---------------+
//	2|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const subsequentNumberFields = isNumber

// SubsequentNumber is the subsequent number of a SAM, clause 3.51.
func (m *Message) SubsequentNumber() (Number, error) {
	return m.number(ParamSubsequentNumber, 0)
}
