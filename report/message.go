package report

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/pion/sdp/v3"

	"sipid/decode"
	"sipid/isupbody"
	"sipid/sipi"
	"sipid/sipmsg"
)

// ISUP is an ISUP message as a tree of two levels.
type ISUP struct {
	Message    string      `json:"message"`
	Title      string      `json:"title"`
	Variant    string      `json:"variant"`
	Octets     int         `json:"octets"`
	Parameters []Parameter `json:"parameters"`
	Error      string      `json:"error,omitempty"`
}

// Parameter is an ISUP parameter in words. Hex is empty where a number would
// show.
type Parameter struct {
	Name    string `json:"name"`
	Hex     string `json:"hex"`
	Meaning string `json:"meaning"`
}

// Media is what the caller's SDP offers.
type Media struct {
	Address string   `json:"address"`
	Port    int      `json:"port"`
	Codecs  []string `json:"codecs"`
}

func (c *Call) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...))
}

// read takes from the INVITE what people want to see of it.
func (c *Call) read(raw []byte, d *Details) {
	var m sipmsg.Message
	if err := m.Parse(raw); err != nil {
		c.warn("%v", err)
		return
	}
	c.Called = userOf(m.Bytes(m.URI))
	if from, ok := m.First(sipmsg.IDFrom); ok {
		if addr, err := sipmsg.ParseNameAddr(m.Bytes(from.Value)); err == nil {
			c.Calling = userOf(addr.URI)
		}
	}
	c.readBody(&m, d)
	if !d.Unmask {
		c.Called, c.Calling = MaskText(c.Called), MaskText(c.Calling)
	}
}

func userOf(uri []byte) string {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return ""
	}
	return string(u.User)
}

func (c *Call) readBody(m *sipmsg.Message, d *Details) {
	value := func(id sipmsg.HeaderID) []byte {
		h, ok := m.First(id)
		if !ok {
			return nil
		}
		return m.Bytes(h.Value)
	}
	var b sipi.Body
	err := b.Split(sipi.Headers{
		ContentType: value(sipmsg.IDContentType), TransferEncoding: value(sipmsg.IDContentTransferEncoding),
		Encoding: value(sipmsg.IDContentEncoding),
	}, m.Bytes(m.Body))
	if err != nil {
		c.warn("%v", err)
		return
	}
	for i := range b.Parts {
		switch p := &b.Parts[i]; p.Kind {
		case sipi.ISUP:
			c.ISUP = append(c.ISUP, newISUP(p, d))
		case sipi.SDP:
			if c.Media == nil {
				c.Media = newMedia(p.Content)
			}
		}
	}
}

func newISUP(p *sipi.Part, d *Details) ISUP {
	m, err := isupbody.Decode(p.Content, isupbody.VariantOf(p.ContentType))
	out := ISUP{Message: m.Type().String(), Title: m.Type().Title(), Variant: m.Variant().String(), Octets: len(p.Content), Parameters: []Parameter{}}
	if err != nil {
		out.Error = err.Error()
	}
	for p := range m.Parameters {
		meaning := decode.Meaning(&m, p)
		one := Parameter{Name: decode.Name(&m, p.Name), Hex: hex.EncodeToString(p.Contents), Meaning: meaning}
		if !d.Unmask && !impersonal(p.Name) {
			one.Hex, one.Meaning = "", MaskText(meaning)
		}
		out.Parameters = append(out.Parameters, one)
	}
	return out
}

// impersonal tells the parameters that say nothing of a person, whatever is in
// them. All others may hold numbers or what a user wrote.
func impersonal(name isupbody.ParameterName) bool {
	switch name {
	case isupbody.ParamNatureOfConnectionIndicators, isupbody.ParamForwardCallIndicators, isupbody.ParamOptionalForwardCallIndicators,
		isupbody.ParamCallingPartyCategory, isupbody.ParamTransmissionMediumRequirement, isupbody.ParamRedirectionInformation,
		isupbody.ParamHopCounter, isupbody.ParamPropagationDelayCounter, isupbody.ParamUserServiceInformation, isupbody.ParamCauseIndicators:
		return true
	}
	return false
}

// newMedia reads the first stream that an SDP offers; nil when it cannot be read.
func newMedia(content []byte) *Media {
	var s sdp.SessionDescription
	if s.Unmarshal(content) != nil || len(s.MediaDescriptions) == 0 {
		return nil
	}
	first := s.MediaDescriptions[0]
	out := &Media{Port: first.MediaName.Port.Value, Codecs: []string{}}
	switch {
	case first.ConnectionInformation != nil && first.ConnectionInformation.Address != nil:
		out.Address = first.ConnectionInformation.Address.Address
	case s.ConnectionInformation != nil && s.ConnectionInformation.Address != nil:
		out.Address = s.ConnectionInformation.Address.Address
	}
	for _, format := range first.MediaName.Formats {
		out.Codecs = append(out.Codecs, codecName(&s, format))
	}
	return out
}

// codecName is the name of a format by its rtpmap, or as RFC 3551 has fixed it
// for the formats that need none.
func codecName(s *sdp.SessionDescription, format string) string {
	if number, err := strconv.ParseUint(format, 10, 8); err == nil {
		if codec, err := s.GetCodecForPayloadType(uint8(number)); err == nil && codec.Name != "" {
			return fmt.Sprintf("%s/%d", codec.Name, codec.ClockRate)
		}
	}
	if name, ok := map[string]string{"0": "PCMU/8000", "3": "GSM/8000", "4": "G723/8000", "8": "PCMA/8000", "9": "G722/8000", "18": "G729/8000"}[format]; ok {
		return name
	}
	return format
}
