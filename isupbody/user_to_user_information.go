package isupbody

import "io"

// UserToUser is the user-to-user information, clause 3.61: a protocol
// discriminator and what the users put in, up to 130 octets.
type UserToUser struct {
	Protocol uint8  // protocol discriminator, Q.931: 4 is IA5 characters
	Data     []byte // a view over the message's octets
}

// UserToUser is the user-to-user information, clause 3.61.
func (m *Message) UserToUser() (UserToUser, error) {
	return first(m, ParamUserToUserInformation, Parameter.UserToUser)
}

// UserToUser reads the contents as user-to-user information; the name is not looked at.
func (p Parameter) UserToUser() (UserToUser, error) {
	if len(p.Contents) == 0 {
		return UserToUser{}, io.ErrUnexpectedEOF
	}
	return UserToUser{Protocol: p.Contents[0], Data: p.Contents[1:]}, nil
}

// AppendContents appends the parameter's contents.
func (u UserToUser) AppendContents(dst []byte) []byte {
	return append(append(dst, u.Protocol), u.Data...)
}
