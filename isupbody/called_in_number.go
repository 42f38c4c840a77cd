package isupbody

// Called IN number, laid out as the original called number:
//
//	   8   7   6   5   4   3   2   1
//	 +---+---------------------------+
//	1|O/E|     nature of address     |
//	 +---+-----------+-------+-------+
//	2| - | numb. plan| APRI  | spare |
//	 +---------------+---------------+
//	3|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
const calledINNumberFields = isNumber | hasNature | hasPlan | hasPresentation

// CalledINNumber is the called IN number, laid out as the original called number.
func (m *Message) CalledINNumber() (Number, error) {
	return m.number(ParamCalledINNumber, 0)
}
