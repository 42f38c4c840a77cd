package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"text/tabwriter"
)

// explainRequest is one question to `route explain`, by command line or HTTP.
// Exactly one of Message, ISUP and the pair of Called and Calling is given.
type explainRequest struct {
	Message []byte `json:"message"` // a whole SIP INVITE; base64 in JSON
	ISUP    string `json:"isup"`    // an IAM in hexadecimal
	Called  string `json:"called"`
	Calling string `json:"calling"`
	Source  string `json:"source"` // where it comes from: ADDRESS or ADDRESS:PORT
}

// explanation is the answer, in the order it is printed.
type explanation struct {
	Status         string          `json:"status"`
	Source         string          `json:"source"`
	AccessID       string          `json:"access_id"`
	Serial         string          `json:"serial"`
	Client         *explainClient  `json:"client"`
	CallingNumber  string          `json:"calling_number"`
	Trunk          string          `json:"trunk"`
	PBXGroup       string          `json:"pbx_group"`
	Target         string          `json:"target"`
	RequestURI     string          `json:"request_uri"`
	HeadersAdded   []explainHeader `json:"headers_added"`
	HeadersRemoved []string        `json:"headers_removed"`
	Warnings       []string        `json:"warnings"`
	Steps          []explainStep   `json:"steps"`

	refused int // the SIP status of a refusal; 0: forwarded
}

type explainClient struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
}

type explainHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type explainStep struct {
	Step   string `json:"step"`
	Detail string `json:"detail"`
}

// errQuestion means that an explainRequest cannot be answered as it stands.
var errQuestion = errors.New("give one of: a message, an ISUP message in hexadecimal, or called and calling")

// raw is the SIP message the question is about. For ISUP and numbers a minimal
// SIP-I INVITE is made, so that the same code runs as for a call.
func (q *explainRequest) raw() ([]byte, error) {
	numbers := q.Called != "" || q.Calling != ""
	given := 0
	for _, there := range []bool{len(q.Message) > 0, q.ISUP != "", numbers} {
		if there {
			given++
		}
	}
	if given != 1 {
		return nil, errQuestion
	}
	switch {
	case numbers:
		isup, err := minimalIAM(q.Called, q.Calling)
		if err != nil {
			return nil, err
		}
		return minimalInvite(isup, q.Called, q.Calling)
	case q.ISUP != "":
		isup, err := parseOctets(q.ISUP)
		if err != nil {
			return nil, err
		}
		return minimalInvite(isup, calledIn(isup), "")
	}
	return q.Message, nil
}

// source is where the message comes from; this machine when not given.
func (q *explainRequest) source() (netip.AddrPort, error) {
	if q.Source == "" {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), defaultSIPPort), nil
	}
	if addr, err := netip.ParseAddr(q.Source); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), defaultSIPPort), nil
	}
	source, err := netip.ParseAddrPort(q.Source)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("source %q: an IP address is expected, with or without a port", q.Source)
	}
	return netip.AddrPortFrom(source.Addr().Unmap(), source.Port()), nil
}

// parseOctets reads hexadecimal as people copy it: with spaces, colons or 0x.
func parseOctets(s string) ([]byte, error) {
	clean := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "", ":", "").Replace(strings.TrimPrefix(s, "0x"))
	octets, err := hex.DecodeString(clean)
	if err != nil || len(octets) == 0 {
		return nil, fmt.Errorf("ISUP: an even number of hexadecimal digits is expected, got %q", s)
	}
	return octets, nil
}

// print shows an explanation to people: the outcome, then how it came about.
func (e *explanation) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, printable(value))
		}
	}
	line("status", e.Status)
	line("source", e.Source)
	line("access ID", e.AccessID)
	line("serial", e.Serial)
	if e.Client != nil {
		line("client", e.Client.Name)
		line("endpoint", e.Client.Endpoint)
	}
	line("calling number", e.CallingNumber)
	line("trunk", e.Trunk)
	if e.refused != 0 {
		line("refused with", fmt.Sprint(e.refused))
	}
	line("PBX group", e.PBXGroup)
	line("target", e.Target)
	line("Request-URI", e.RequestURI)
	for _, h := range e.HeadersAdded {
		line("header added", h.Name+": "+h.Value)
	}
	for _, name := range e.HeadersRemoved {
		line("header removed", name)
	}
	for _, text := range e.Warnings {
		line("warning", text)
	}
	fmt.Fprintln(t, "\nhow it came about:")
	for i, s := range e.Steps {
		fmt.Fprintf(t, "%d %s\t%s\n", i+1, s.Step, printable(s.Detail))
	}
	return t.Flush()
}
