package sipsim

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// message is one datagram as sipgo read it, with its own octets beside it.
type message struct {
	raw      []byte
	from     netip.AddrPort
	request  *sip.Request // one of the two is nil
	response *sip.Response
}

// newParser reads only the headers that every message has. The others stay
// text: sipgo's readers of Via and Record-Route lose parameters, and a peer has
// to give those back as they came.
func newParser() *sip.Parser {
	readers := make(map[string]sip.HeaderParser)
	for name, reader := range sip.DefaultHeadersParser() {
		switch name {
		case "call-id", "i", "cseq", "content-length", "l", "content-type", "c":
			readers[name] = reader
		}
	}
	return sip.NewParser(sip.WithHeadersParsers(readers))
}

func parse(p *sip.Parser, raw []byte, from netip.AddrPort) (*message, error) {
	parsed, err := p.ParseSIP(raw)
	if err != nil {
		return nil, fmt.Errorf("read SIP message from %s: %w", from, err)
	}
	m := &message{raw: raw, from: from}
	switch p := parsed.(type) {
	case *sip.Request:
		m.request = p
	case *sip.Response:
		m.response = p
	}
	if m.sip().CallID() == nil || m.sip().CSeq() == nil {
		return nil, fmt.Errorf("SIP message from %s lacks Call-ID or CSeq", from)
	}
	for _, name := range []string{"Via", "From", "To"} {
		if v := m.values(name); len(v) == 0 || v[0] == "" || v[0][0] == ';' {
			return nil, fmt.Errorf("SIP message from %s lacks %s", from, name)
		}
	}
	return m, nil
}

// sip is what requests and responses have in common.
func (m *message) sip() *sip.MessageData {
	if m.request != nil {
		return &m.request.MessageData
	}
	return &m.response.MessageData
}

func (m *message) callID() string     { return m.sip().CallID().Value() }
func (m *message) cseqMethod() string { return string(m.sip().CSeq().MethodName) }
func (m *message) fromTag() string    { return tagOf(m.values("From")[0]) }
func (m *message) toTag() string      { return tagOf(m.values("To")[0]) }

// tagOf reads the tag of a From or To value, behind the brackets.
func tagOf(value string) string {
	return parameter(value[strings.LastIndexByte(value, '>')+1:], "tag")
}

// compact forms of the headers that are kept as text, RFC 3261 section 7.3.3.
func compactForm(name string) string {
	switch name {
	case "Via":
		return "v"
	case "Contact":
		return "m"
	case "From":
		return "f"
	case "To":
		return "t"
	}
	return name
}

// values gives every value of a header kept as text, in order, comma lists
// taken apart.
func (m *message) values(name string) []string {
	var values []string
	for _, h := range m.sip().Headers() {
		if strings.EqualFold(h.Name(), name) || strings.EqualFold(h.Name(), compactForm(name)) {
			values = append(values, splitList(h.Value())...)
		}
	}
	return values
}

// headers gives the header fields in order.
func (m *message) headers() []Header {
	var list []Header
	for _, h := range m.sip().Headers() {
		list = append(list, Header{Name: h.Name(), Value: h.Value()})
	}
	return list
}

func (m *message) startLine() string {
	line, _, _ := strings.Cut(string(m.raw), "\r\n")
	return line
}

// branch is that of the top Via: what tells transactions apart.
func (m *message) branch() string {
	return parameter(m.values("Via")[0], "branch")
}

// splitList splits a comma list outside quotes and angle brackets.
func splitList(s string) []string {
	var values []string
	var quoted, bracketed bool
	start := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			bracketed = c == '<'
		case c == ',' && !bracketed:
			values = append(values, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(values, strings.TrimSpace(s[start:]))
}

// parameter gives the value of ;name=value, empty when it is not there.
func parameter(value, name string) string {
	for _, p := range strings.Split(value, ";")[1:] {
		key, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// uriOf gives the URI of a name-addr, without brackets.
func uriOf(value string) string {
	if i := strings.IndexByte(value, '<'); i >= 0 {
		uri, _, _ := strings.Cut(value[i+1:], ">")
		return uri
	}
	uri, _, _ := strings.Cut(value, ";")
	return strings.TrimSpace(uri)
}

// hop is the address a request to this URI is sent to. A host name is looked
// up; its first address is taken.
func hop(uri string) (netip.AddrPort, error) {
	var u sip.Uri
	if err := sip.ParseUri(uri, &u); err != nil {
		return netip.AddrPort{}, fmt.Errorf("uri %q: %w", uri, err)
	}
	port := u.Port
	if port == 0 {
		port = 5060
	}
	udp, err := net.ResolveUDPAddr("udp", net.JoinHostPort(strings.Trim(u.Host, "[]"), strconv.Itoa(port)))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("uri %q: %w", uri, err)
	}
	return unmap(udp.AddrPort()), nil
}

// reply makes a response to a request, RFC 3261 section 8.2.6, and says where it
// goes. The tag is left out of a 100 and where the To header has one already.
func reply(m *message, status int, reason, tag string) (*sip.Response, netip.AddrPort) {
	r := sip.NewResponse(status, reason)
	vias := m.values("Via")
	top, to := returnPath(vias[0], m.from)
	r.AppendHeader(sip.NewHeader("Via", top))
	for _, via := range vias[1:] {
		r.AppendHeader(sip.NewHeader("Via", via))
	}
	if status > 100 && status < 300 {
		for _, route := range m.values("Record-Route") {
			r.AppendHeader(sip.NewHeader("Record-Route", route))
		}
	}
	toValue := m.values("To")[0]
	if status != 100 && m.toTag() == "" {
		toValue += ";tag=" + tag
	}
	r.AppendHeader(sip.NewHeader("From", m.values("From")[0]))
	r.AppendHeader(sip.NewHeader("To", toValue))
	r.AppendHeader(sip.NewHeader("Call-ID", m.callID()))
	r.AppendHeader(sip.NewHeader("CSeq", m.request.CSeq().Value()))
	return r, to
}

// returnPath notes in the top Via where the request came from, and gives the
// address for its responses: RFC 3261 sections 18.2.1 and 18.2.2, RFC 3581.
func returnPath(via string, from netip.AddrPort) (string, netip.AddrPort) {
	params := strings.Split(via, ";")
	fields := strings.Fields(params[0])
	sentBy := fields[len(fields)-1]
	i := slices.IndexFunc(params, func(p string) bool { return strings.EqualFold(strings.TrimSpace(p), "rport") })
	if i > 0 {
		params[i] = "rport=" + strconv.Itoa(int(from.Port()))
		return strings.Join(params, ";") + ";received=" + from.Addr().String(), from
	}
	host, port := sentBy, 5060
	if h, p, err := net.SplitHostPort(sentBy); err == nil {
		host = h
		port, _ = strconv.Atoi(p)
	}
	if strings.Trim(host, "[]") != from.Addr().String() {
		via += ";received=" + from.Addr().String()
	}
	return via, netip.AddrPortFrom(from.Addr(), uint16(port))
}

func statusLine(status int, reason string) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + reason)
}
