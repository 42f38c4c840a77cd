package isupbody

// UserToUser is the user-to-user information, clause 3.61: a protocol
// discriminator and what the users put in, up to 130 octets.
type UserToUser struct {
	Protocol uint8  // protocol discriminator, Q.931: 4 is IA5 characters
	Data     []byte // a view over the message's octets
}

// UserToUser is the user-to-user information, clause 3.61.
func (m *Message) UserToUser() (UserToUser, error) {
	p, err := m.contents(ParamUserToUserInformation, 0, 1)
	if err != nil {
		return UserToUser{}, err
	}
	return UserToUser{Protocol: p.Contents[0], Data: p.Contents[1:]}, nil
}

// AppendContents appends the parameter's contents.
func (u UserToUser) AppendContents(dst []byte) []byte {
	return append(append(dst, u.Protocol), u.Data...)
}
