package isupbody

// UserServiceInformation gives the octets of the user service information,
// clause 3.57: a bearer capability as in Q.931. It is in the variable part of an
// ANSI T1.113 IAM and optional in ITU-T.
func (m *Message) UserServiceInformation() ([]byte, error) {
	p, err := m.contents(ParamUserServiceInformation, 0, 0)
	if err != nil {
		return nil, err
	}
	return p.Contents, nil
}
