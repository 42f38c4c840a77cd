package proxy

import (
	"sipid/record"
	"sipid/router"
	"sipid/sipmsg"
)

// begin puts the INVITE being handled on record; refused is the status by which
// the trunk's policy refuses it.
func (w *worker) begin(t *router.Trunk, d *router.Decision, refused int) record.Ref {
	if w.p.record == nil {
		return record.Ref{}
	}
	m := &w.msg
	return w.p.record.Begin(&record.Beginning{
		Message: m.Raw, CallID: m.Bytes(m.CallID), From: w.from.Addr, Trunk: t, Decision: d, Refused: refused,
	})
}

// note puts on record what happened between the trunk and us.
func (tx *transaction) note(k record.Kind, status int) {
	tx.p.record.Add(tx.record, record.Step{Kind: k, Status: status})
}

// note puts on record what happened between a target and us.
func (a *attempt) note(k record.Kind, status int) {
	if a.target != nil {
		a.tx.p.record.Add(a.tx.record, record.Step{Kind: k, Status: status, Attempt: int(a.number), Target: a.target.Index})
	}
}

// noteDialog puts on record that a call was acknowledged, or is over.
func (w *worker) noteDialog(from direction) {
	if w.p.record == nil {
		return
	}
	callID := w.msg.Bytes(w.msg.CallID)
	switch m := w.msg.Method; {
	case m == sipmsg.MethodAck && from == fromTrunk:
		w.p.record.AddTo(callID, record.KindAck)
	case m == sipmsg.MethodBye && from == fromTrunk:
		w.p.record.AddTo(callID, record.KindByeTrunk)
	case m == sipmsg.MethodBye:
		w.p.record.AddTo(callID, record.KindByeTarget)
	}
}
