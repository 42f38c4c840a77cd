package report

import (
	"fmt"
	"strconv"
	"strings"

	"sipid/proxy"
	"sipid/sipmsg"
)

// Explanation says where a call goes and why, in the order it is printed. As
// JSON it is the answer of `sipid route explain --json` and of
// POST /v1/route/explain. Place and Error are of the calls of a capture alone:
// where the INVITE was, and why it is not explained.
type Explanation struct {
	Place          string   `json:"place,omitempty"`
	Error          string   `json:"error,omitempty"`
	Status         string   `json:"status"`
	Source         string   `json:"source"`
	AccessID       string   `json:"access_id"`
	Serial         string   `json:"serial"`
	Client         *Client  `json:"client"`
	CallingNumber  string   `json:"calling_number"`
	Trunk          string   `json:"trunk"`
	PBXGroup       string   `json:"pbx_group"`
	Target         string   `json:"target"`
	RequestURI     string   `json:"request_uri"`
	HeadersAdded   []Header `json:"headers_added"`
	HeadersRemoved []string `json:"headers_removed"`
	Warnings       []string `json:"warnings"`
	Steps          []Step   `json:"steps"`
}

// Client is the row that was found.
type Client struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
}

// Header is a header line in its two halves.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Step is one step of the way.
type Step struct {
	Step   string `json:"step"`
	Detail string `json:"detail"`
}

// The names of the steps that are added to those of the router.
const (
	stepTrunk      = "trunk"
	stepTarget     = "target"
	stepRemoved    = "headers removed"
	stepAdded      = "headers added"
	stepBody       = "body"
	stepRequestURI = "Request-URI"
	stepRefused    = "refused"
)

// Explain puts what proxy says into words.
func Explain(found *proxy.Explanation) *Explanation {
	d := found.Decision
	e := &Explanation{
		Status: d.Status.String(), Source: d.Source.String(), Serial: string(d.Serial()), CallingNumber: string(d.CallingNumber()),
		Trunk: found.Trunk.Name, PBXGroup: d.Group.Name, RequestURI: found.RequestURI, HeadersAdded: []Header{},
		HeadersRemoved: append([]string{}, found.Removed...), Warnings: append([]string{}, found.Warnings...), Steps: []Step{},
	}
	if d.Client != nil {
		e.AccessID = d.Client.AccessID
		e.Client = &Client{Name: d.Client.Name, Endpoint: d.Client.Endpoint}
	}
	if found.Target != nil {
		e.Target = found.Target.URI
	}
	for _, h := range found.Added {
		e.HeadersAdded = append(e.HeadersAdded, Header{h.Name, h.Value})
	}
	e.addSteps(found)
	return e
}

// addSteps tells the whole way: how it came in, what the router did, how it
// leaves.
func (e *Explanation) addSteps(found *proxy.Explanation) {
	by := "by the packet's source"
	if found.Edge {
		by = "named by the edge in X-Edge-Source"
	}
	e.step(stepTrunk, "%q, %s", e.Trunk, by)
	if found.Decision.Trace != nil {
		for _, s := range found.Decision.Trace.Steps {
			e.step(s.Step, "%s", s.Detail)
		}
	}
	if code := found.Decision.RejectStatus; code != 0 {
		e.step(stepRefused, "%d: no PBX gets this call", code)
		return
	}
	for i := range found.Targets {
		e.step(stepTarget, "%s: %s", found.Targets[i].URI, health(found, i))
	}
	e.step(stepRemoved, "%s", orNone(strings.Join(e.HeadersRemoved, ", ")))
	var names []string
	for _, h := range e.HeadersAdded {
		names = append(names, h.Name)
	}
	e.step(stepAdded, "%s", orNone(strings.Join(names, ", ")))
	e.step(stepBody, "%s", body(found))
	e.step(stepRequestURI, "%s", e.RequestURI)
}

func (e *Explanation) step(name, format string, args ...any) {
	e.Steps = append(e.Steps, Step{Step: name, Detail: fmt.Sprintf(format, args...)})
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// health says how a target is and when it is tried.
func health(found *proxy.Explanation, i int) string {
	turn := "tried first"
	if i > 0 {
		turn = fmt.Sprintf("tried after %d other", i)
	}
	t := &found.Targets[i]
	switch {
	case !found.Live:
		return turn + "; its health is known to a running serve only (--url)"
	case t.Up && (t.Why == "" || t.Why == "start"):
		return turn + "; up"
	case t.Up:
		return turn + "; up: " + t.Why
	case found.Targets[0].Up:
		return "not tried: out, " + t.Why
	}
	return turn + ": all targets are out; " + t.Why
}

// body says what becomes of the body.
func body(found *proxy.Explanation) string {
	var in, out sipmsg.Message
	if in.Parse(found.Raw) != nil || out.Parse(found.Out) != nil {
		return "unreadable"
	}
	was, is := contentOf(&in), contentOf(&out)
	if string(in.Bytes(in.Body)) == string(out.Bytes(out.Body)) {
		return is + ", untouched"
	}
	return was + ", leaves as " + is
}

func contentOf(m *sipmsg.Message) string {
	size := len(m.Bytes(m.Body))
	h, ok := m.First(sipmsg.IDContentType)
	if !ok || size == 0 {
		return "no body"
	}
	mediaType, _, _ := strings.Cut(string(m.Bytes(h.Value)), ";")
	return strings.TrimSpace(mediaType) + " of " + strconv.Itoa(size) + " octets"
}

// refused is the status of a refusal by the trunk's policy, as its step says; ""
// when the call is forwarded.
func (e *Explanation) refused() string {
	if n := len(e.Steps); n > 0 && e.Steps[n-1].Step == stepRefused {
		code, _, _ := strings.Cut(e.Steps[n-1].Detail, ":")
		return code
	}
	return ""
}

// Masked is a copy in which no number can be read; access ID and client stay.
func (e *Explanation) Masked() *Explanation {
	m := *e
	open := []string{e.AccessID}
	m.Serial, m.CallingNumber = Mask(e.Serial), Mask(e.CallingNumber)
	m.RequestURI = MaskText(e.RequestURI)
	m.HeadersAdded = []Header{}
	for _, h := range e.HeadersAdded {
		if e.Client == nil || h.Value != e.Client.Name && h.Value != e.Client.Endpoint {
			h.Value = MaskText(h.Value, open...)
		}
		m.HeadersAdded = append(m.HeadersAdded, h)
	}
	m.Warnings = []string{}
	for _, w := range e.Warnings {
		m.Warnings = append(m.Warnings, MaskText(w, open...))
	}
	m.Steps = []Step{}
	for _, s := range e.Steps {
		m.Steps = append(m.Steps, Step{Step: s.Step, Detail: MaskText(s.Detail, open...)})
	}
	return &m
}
