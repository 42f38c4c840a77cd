package report

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"

	"sipid/decode"
	"sipid/proxy"
)

// Explainer runs the code that serves calls on a message; nothing is sent.
// proxy.ErrNobody means that no trunk takes calls from source.
type Explainer func(raw []byte, source netip.AddrPort) (*proxy.Explanation, error)

// Explain runs it and puts the answer into words.
func (run Explainer) Explain(raw []byte, source netip.AddrPort) (*Explanation, error) {
	found, err := run(raw, source)
	if errors.Is(err, proxy.ErrNobody) {
		return nil, fmt.Errorf("no trunk takes calls from %s: such a call gets no answer, or 403 through an edge; give the address of a platform as source", source.Addr())
	}
	if err != nil {
		return nil, err
	}
	return Explain(found), nil
}

// Answer answers a question: with one explanation, or with one for each INVITE
// of a capture.
func (run Explainer) Answer(q *Question) ([]*Explanation, error) {
	if q.Capture != nil {
		return run.capture(q)
	}
	raw, err := q.Raw()
	if err != nil {
		return nil, err
	}
	source, err := q.source()
	if err != nil {
		return nil, err
	}
	e, err := run.Explain(raw, source)
	if err != nil {
		return nil, err
	}
	return []*Explanation{e}, nil
}

// capture explains every INVITE of a capture that begins a call. One that
// cannot be explained, as those that leave sipid, says why.
func (run Explainer) capture(q *Question) ([]*Explanation, error) {
	list := []*Explanation{}
	given, err := q.source()
	if err != nil {
		return nil, err
	}
	c := &decode.Capture{
		Warn: func(place, format string, args ...any) {
			list = append(list, &Explanation{Place: place, Error: fmt.Sprintf(format, args...)})
		},
		Message: func(place string, source netip.AddrPort, raw []byte) {
			if !bytes.HasPrefix(bytes.TrimLeft(raw, "\r\n"), []byte("INVITE ")) {
				return
			}
			if q.Source != "" {
				source = given
			}
			e, err := run.Explain(bytes.Clone(raw), source)
			switch {
			case errors.Is(err, proxy.ErrNotInvite):
				return // a re-INVITE
			case err != nil:
				e = &Explanation{Error: err.Error(), HeadersAdded: []Header{}, HeadersRemoved: []string{}, Warnings: []string{}, Steps: []Step{}}
			}
			e.Place = decode.Heading(place, raw)
			list = append(list, e)
		},
	}
	if err := c.Read(bytes.NewReader(q.Capture)); err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	return list, nil
}
