package sipsim

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

// offer describes one audio stream: G.711 A-law and µ-law, DTMF by RFC 4733.
// version goes up with every offer of a call, RFC 3264 section 8.
func offer(host netip.Addr, port int, version uint64, direction string) ([]byte, error) {
	session := newSession(host, version)
	media := &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media: "audio", Port: sdp.RangedPort{Value: port}, Protos: []string{"RTP", "AVP"},
	}}
	media.WithCodec(8, "PCMA", 8000, 0, "").WithCodec(0, "PCMU", 8000, 0, "").
		WithCodec(101, "telephone-event", 8000, 0, "0-15").
		WithValueAttribute("ptime", "20").WithPropertyAttribute(direction)
	session.MediaDescriptions = []*sdp.MediaDescription{media}
	return session.Marshal()
}

// answer accepts the first format of every audio stream, and DTMF events where
// they are offered: no media is handled here, so any codec will do. Other
// streams are refused with port 0, RFC 3264 section 6.
func answer(offered []byte, host netip.Addr, port int, version uint64) ([]byte, error) {
	var remote sdp.SessionDescription
	if len(offered) == 0 {
		return offer(host, port, version, "sendrecv")
	}
	if err := remote.Unmarshal(offered); err != nil {
		return nil, fmt.Errorf("read SDP offer: %w", err)
	}
	session := newSession(host, version)
	for _, m := range remote.MediaDescriptions {
		session.MediaDescriptions = append(session.MediaDescriptions, answerMedia(&remote, m, port))
	}
	return session.Marshal()
}

func answerMedia(remote *sdp.SessionDescription, offered *sdp.MediaDescription, port int) *sdp.MediaDescription {
	media := &sdp.MediaDescription{MediaName: offered.MediaName}
	media.MediaName.Port = sdp.RangedPort{Value: port}
	if offered.MediaName.Media != "audio" || len(offered.MediaName.Formats) == 0 || offered.MediaName.Port.Value == 0 {
		media.MediaName.Port.Value = 0
		return media
	}
	media.MediaName.Formats = nil
	for i, format := range offered.MediaName.Formats {
		descriptions := describing(offered, format)
		events := slices.ContainsFunc(descriptions, func(a sdp.Attribute) bool {
			return strings.Contains(a.Value, "telephone-event")
		})
		if i == 0 || events {
			media.MediaName.Formats = append(media.MediaName.Formats, format)
			media.Attributes = append(media.Attributes, descriptions...)
		}
	}
	return media.WithPropertyAttribute(reverse(direction(remote, offered)))
}

// describing gives the rtpmap and fmtp lines of one format.
func describing(m *sdp.MediaDescription, format string) []sdp.Attribute {
	var list []sdp.Attribute
	for _, a := range m.Attributes {
		if (a.Key == "rtpmap" || a.Key == "fmtp") && strings.HasPrefix(a.Value, format+" ") {
			list = append(list, a)
		}
	}
	return list
}

// direction is that of the stream, else that of the session, RFC 4566 section 6.
func direction(s *sdp.SessionDescription, m *sdp.MediaDescription) string {
	for _, attributes := range [][]sdp.Attribute{m.Attributes, s.Attributes} {
		for _, a := range attributes {
			switch a.Key {
			case "sendrecv", "sendonly", "recvonly", "inactive":
				return a.Key
			}
		}
	}
	return "sendrecv"
}

// reverse turns an offered direction into the answer's, RFC 3264 section 6.1.
func reverse(direction string) string {
	switch direction {
	case "sendonly":
		return "recvonly"
	case "recvonly":
		return "sendonly"
	}
	return direction
}

func newSession(host netip.Addr, version uint64) *sdp.SessionDescription {
	family := "IP4"
	if host.Is6() {
		family = "IP6"
	}
	return &sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "sipid", SessionID: 1, SessionVersion: version,
			NetworkType: "IN", AddressType: family, UnicastAddress: host.String(),
		},
		SessionName:           "sipid",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: family, Address: &sdp.Address{Address: host.String()}},
		TimeDescriptions:      []sdp.TimeDescription{{}},
	}
}

// mediaLine is the first media line without its "m=", and where the media is
// wanted; for people, so an unreadable SDP says why.
func mediaLine(octets []byte) string {
	if octets == nil {
		return "no SDP"
	}
	var s sdp.SessionDescription
	if err := s.Unmarshal(octets); err != nil {
		return "unreadable SDP: " + err.Error()
	}
	if len(s.MediaDescriptions) == 0 {
		return "SDP without a media line"
	}
	m := s.MediaDescriptions[0]
	line := m.MediaName.String()
	for _, c := range []*sdp.ConnectionInformation{m.ConnectionInformation, s.ConnectionInformation} {
		if c != nil && c.Address != nil {
			return line + " at " + c.Address.Address
		}
	}
	return line
}
