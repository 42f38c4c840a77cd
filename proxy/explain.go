package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"sipid/pbx"
	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
	"sipid/transport"
)

// HeaderField is a header line in its two halves.
type HeaderField struct{ Name, Value string }

// Explanation says what Serve would do with an INVITE.
type Explanation struct {
	Raw        []byte           // the INVITE as it came
	Decision   *router.Decision // with its Trace
	Edge       bool             // the source is an edge, which named the trunk
	Trunk      *router.Trunk
	Target     *router.Target // the PBX the call is offered first; nil when refused
	RequestURI string
	Added      []HeaderField // by the identification
	Removed    []string      // names of headers that only sipid may set, as they came
	Warnings   []string
	Out        []byte // the INVITE as it would leave, with a Via of no use
	// Targets is the group in the order of trying, as it is for this Call-ID.
	Targets []pbx.State
	// Live says that Targets have their health; without a process that serves,
	// nobody knows it, and all count as up.
	Live bool
}

// Errors of Explain.
var (
	// ErrNotInvite means a message that is no INVITE outside a dialog: nothing
	// else is identified.
	ErrNotInvite = errors.New("proxy: not an INVITE that begins a call")
	// ErrRefused means an INVITE that is answered with a refusal whoever calls.
	ErrRefused = errors.New("proxy: refused")
	// ErrNobody means that no trunk of the configuration has the source address.
	ErrNobody = errors.New("proxy: the source belongs to no trunk")
)

// explainHost stands for our own address in what Explain writes.
const explainHost = "sipid.invalid:5060"

// Explain runs what Serve runs for a new call on one message, and sends nothing.
// Edges are as in Options. A message that the gate refuses is an error
// (*sipmsg.Error), as are ErrNotInvite, ErrRefused and ErrNobody.
func Explain(r *router.Router, raw []byte, source netip.AddrPort, edges []netip.Prefix) (*Explanation, error) {
	return newExplainer(r, edges).explain(raw, source, false)
}

// newExplainer makes the worker of a proxy that has no sockets.
func newExplainer(r *router.Router, edges []netip.Prefix) *worker {
	p := &Proxy{router: r, edges: edges, key: make([]byte, MinKeyLength), transport: transport.On(transport.Options{})}
	p.dialects = newDialects(r)
	nowhere := make(pbx.Endpoints) // a target by name is explained wherever it may be
	for _, g := range r.Groups() {
		for i := range g.Targets {
			nowhere[g.Targets[i].URI] = make([]router.Endpoint, 1)
		}
	}
	p.groups = pbx.New(r, func() time.Duration { return 0 }, slog.New(slog.DiscardHandler))
	p.SetEndpoints(nowhere)
	w := newWorker(p)
	w.from = transport.Flow{By: &transport.Listener{Advertise: explainHost}}
	return w
}

// Explain is the function Explain for the process that serves: the targets have
// the health they have now, our own names and listeners are known. What limits
// the number of calls is left out.
func (p *Proxy) Explain(raw []byte, source netip.AddrPort) (*Explanation, error) {
	w := newWorker(p)
	w.from = transport.Flow{By: p.transport.Listeners()[0]}
	return w.explain(raw, source, true)
}

// explain goes the way of onRequest, onOutOfDialog and onInvite.
func (w *worker) explain(raw []byte, source netip.AddrPort, live bool) (*Explanation, error) {
	m := &w.msg
	w.from.Addr = source
	if err := m.Parse(raw); err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	if m.Method != sipmsg.MethodInvite || m.HasToTag {
		return nil, ErrNotInvite
	}
	if r, ok := w.check(); !ok {
		return nil, refusedWith(r)
	}
	who := w.p.peers().of(source)
	e := &Explanation{Raw: raw, Live: live, Removed: w.p.removedNames(m), Edge: who.side == sideEdge}
	if who.side == sideEdge {
		who.trunk = w.edgeTrunk()
	}
	if who.trunk == nil {
		return nil, fmt.Errorf("%w: %s", ErrNobody, source.Addr())
	}
	if !w.dropOwnRoute() {
		if live {
			return nil, refusedWith(errForbidden)
		}
		e.Warnings = append(e.Warnings, "it has a Route: unless that names sipid itself, serve refuses it with 403")
	}
	w.id.decision.Trace = &router.Trace{}
	w.explainEncoding(who.trunk)
	d := w.identify(who.trunk, m)
	e.Decision, e.Trunk = d, who.trunk
	if w.id.isSubsequent() {
		return nil, refusedWith(errIncomplete)
	}
	if d.Err != nil {
		e.Warnings = append(e.Warnings, d.Err.Error())
	}
	if d.CalledDiffers {
		e.Warnings = append(e.Warnings, "the called number of the ISUP part is not that of the Request-URI")
	}
	if d.RejectStatus != 0 {
		return e, nil
	}
	return e, w.explainRewrite(e)
}

// explainEncoding says what isup_encoding makes of the body's ISUP.
func (w *worker) explainEncoding(t *router.Trunk) {
	e := w.p.dialects.of(t).encoding
	if e == sipi.Binary || splitBody(&w.id.body, &w.msg) != nil {
		return
	}
	for i := range w.id.body.Parts {
		p := &w.id.body.Parts[i]
		if p.Kind != sipi.ISUP {
			continue
		}
		detail := "the ISUP part is no such text and counts as it came"
		if octets, ok := p.AppendDecoded(nil, e); ok {
			detail = fmt.Sprintf("the ISUP part is read from %s: %d octets", e, len(octets))
		}
		trace := w.id.decision.Trace
		trace.Steps = append(trace.Steps, router.Step{Step: "isup_encoding", Detail: detail})
	}
}

func refusedWith(r refusal) error {
	return fmt.Errorf("%w: %d %s", ErrRefused, r.status, r.reason)
}

// explainRewrite adds what becomes of a call that is forwarded.
func (w *worker) explainRewrite(e *Explanation) error {
	order := w.p.groups.Of(e.Decision.Group).Preview(w.msg.Bytes(w.msg.CallID))
	if len(order) == 0 {
		return refusedWith(errNoTarget)
	}
	for _, t := range order {
		e.Targets = append(e.Targets, t.State())
	}
	n := w.toTarget(order[0])
	switch {
	case !e.Live:
		n.down.By = w.from.By
	case n.down.By == nil:
		return refusedWith(errNextHop)
	case w.tooLong(n):
		return refusedWith(errTooLong)
	}
	n.decision = e.Decision
	lines, err := e.Decision.AppendHeaders(nil)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(lines) {
		name, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\r\n")), []byte(": "))
		e.Added = append(e.Added, HeaderField{string(name), string(value)})
	}
	e.RequestURI = string(n.uri)
	e.Target = n.target.Conf
	e.Out = bytes.Clone(w.rewrite(&w.msg, n, []byte(branchCookie+"explain")))
	return nil
}

// removedNames lists the headers that cutTrusted removes.
func (p *Proxy) removedNames(m *sipmsg.Message) []string {
	var names []string
	for i := range m.Headers {
		if h := &m.Headers[i]; p.ours(m, h) {
			names = append(names, string(m.Bytes(h.Name)))
		}
	}
	return names
}
