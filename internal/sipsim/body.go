package sipsim

import (
	"strings"

	"sipid/isupbody"
	"sipid/sipi"
)

// parts are what the two ends look for in a body.
type parts struct {
	sdp  []byte
	isup []byte // the first one
}

// takeApart finds SDP and ISUP in a message's body.
func takeApart(m *message) (parts, error) {
	var found parts
	content := m.sip().Body()
	if len(content) == 0 {
		return found, nil
	}
	var body sipi.Body
	if err := body.Split(sipi.Headers{
		ContentType:      m.text("Content-Type", "c"),
		TransferEncoding: m.text("Content-Transfer-Encoding", ""),
		Encoding:         m.text("Content-Encoding", "e"),
	}, content); err != nil {
		return found, err
	}
	if p := body.First(sipi.SDP); p != nil {
		found.sdp = p.Content
	}
	if p := body.First(sipi.ISUP); p != nil {
		found.isup = p.Content
	}
	return found, nil
}

// text gives a header's value, nil when the header is absent.
func (m *message) text(name, short string) []byte {
	for _, h := range m.sip().Headers() {
		if strings.EqualFold(h.Name(), name) || strings.EqualFold(h.Name(), short) {
			return []byte(h.Value())
		}
	}
	return nil
}

// describe says what a body carries, for an event's note: "SDP + IAM".
func describe(m *message) string {
	found, err := takeApart(m)
	if err != nil {
		return "unreadable body: " + err.Error()
	}
	var note string
	if found.sdp != nil {
		note = "SDP"
	}
	if found.isup != nil {
		if note != "" {
			note += " + "
		}
		note += isupName(found.isup)
	}
	return note
}

// isupName is "IAM", by the first octet; whether the rest can be read does not
// matter here.
func isupName(octets []byte) string {
	m, _ := isupbody.Decode(octets, isupbody.VariantITU)
	return m.Type().String()
}
