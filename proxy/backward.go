package proxy

import (
	"bytes"

	"sipid/isupbody"
	"sipid/q850"
	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
)

// backward is what is done to the responses of a transaction on their way back,
// and what has been done: a trunk that spoke ISUP gets ISUP, a PBX that takes SDP
// alone gets no ISUP. The zero value changes nothing.
type backward struct {
	dialect *dialect      // of the trunk that called; nil: no trunk's
	base    isupbody.Base // the trunk's own part was written in it
	speaks  bool          // ISUP is added
	unwrap  bool          // ISUP is taken out: the response goes to a PBX
	alerted bool          // a 180 told the trunk that somebody is called

	// The early dialogs that were told of an ACM (RFC 3398 section 8.2.3): nearly
	// every call has one.
	first  early
	others *[]early // nil: none
}

// early is an early dialog after its ACM.
type early struct {
	tag  uint64 // of the To tag, a hash; 0: not used
	rseq uint32 // of the response that had the ACM, when it was reliable
}

// maxEarly bounds what a PBX that forks without end can make us keep.
const maxEarly = 16

// backwardTo is the way back to the trunk that sent the INVITE in w.id.
func (w *worker) backwardTo(t *router.Trunk) backward {
	d := w.p.dialects.of(t)
	return backward{dialect: d, base: w.id.base, speaks: d.speaks(len(w.id.signals.ISUP) > 0)}
}

// baseOf reads the base of an ISUP part. Many write it into version alone, and
// many write no name of the table (ansi-2000, itu): then the trunk's own is meant,
// unless it is of another family.
func (d *dialect) baseOf(part *sipi.Part) isupbody.Base {
	value, named := part.Param("base")
	if b, ok := isupbody.ParseBase(value); ok {
		return b
	}
	version, _ := part.Param("version")
	b, ok := isupbody.ParseBase(version)
	if ok && !named {
		return b
	}
	variant := isupbody.VariantFor(part.ContentType, d.base.Variant())
	if ok && b.Variant() == variant {
		return b
	}
	switch variant {
	case d.base.Variant():
		return isupbody.BaseUnknown
	case isupbody.VariantANSI:
		return isupbody.BaseANSI00
	}
	return isupbody.BaseITU92
}

// label is the Content-Type of an ISUP part with what was read from it: a trunk
// writes the same one into every call.
type label struct {
	text    []byte
	dialect *dialect
	base    isupbody.Base
}

// maxLabel bounds what is kept of a peer's Content-Type.
const maxLabel = 256

// baseOf is dialect.baseOf, remembered.
func (l *label) baseOf(d *dialect, part *sipi.Part) isupbody.Base {
	if l.dialect == d && bytes.Equal(l.text, part.ContentType) {
		return l.base
	}
	base := d.baseOf(part)
	if len(part.ContentType) <= maxLabel {
		l.text, l.dialect, l.base = append(l.text[:0], part.ContentType...), d, base
	}
	return base
}

// contentType is the Content-Type of the parts we add.
func (b *backward) contentType() string { return b.dialect.types[b.base] }

// acm tells whether the early dialog of a To tag is to get an ACM now, and
// remembers that it got it. A reliable response that comes once more gets the
// same as before (RFC 3262 section 3).
func (b *backward) acm(tag uint64, rseq uint32) bool {
	tag |= 1
	if b.first.tag == 0 {
		b.first = early{tag, rseq}
		return true
	}
	if b.first.tag == tag {
		return rseq != 0 && b.first.rseq == rseq
	}
	if b.others == nil {
		b.others = new([]early)
	}
	for _, e := range *b.others {
		if e.tag == tag {
			return rseq != 0 && e.rseq == rseq
		}
	}
	if len(*b.others) >= maxEarly {
		return false
	}
	*b.others = append(*b.others, early{tag, rseq})
	return true
}

// connected tells whether any ACM went before.
func (b *backward) connected() bool { return b.first.tag != 0 }

// isupFor is the ISUP message that goes with the response being handled, on its
// way to the trunk; nil: none.
func (w *worker) isupFor(tx *transaction) []byte {
	b, d, status := &tx.backward, tx.backward.dialect, w.msg.Status
	switch {
	case tx.method == sipmsg.MethodBye:
		if status < 200 || status > 299 {
			return nil
		}
		w.isup = isupbody.AppendRLC(w.isup[:0])
		return w.isup
	case tx.method != sipmsg.MethodInvite:
		return nil
	case status < 200:
		return w.progress(b, status)
	case status > 299:
		return w.release(tx, status)
	case b.connected(), d.speaksANSI(b.base):
		return d.anm // T1.113 has no CON
	}
	return d.con
}

// progress is the message for a 18x: an ACM for the first of an early dialog, a
// CPG for later ones.
func (w *worker) progress(b *backward, status int) []byte {
	if status < 180 || status > 183 {
		return nil
	}
	acm := b.acm(w.p.table.hash(w.msg.Bytes(w.msg.ToTag)), w.reliable())
	if status == 180 {
		b.alerted = true
		if acm {
			return b.dialect.acmFree
		}
		return b.dialect.cpgAlerting
	}
	inBand := 0
	if sdp := w.id.body.SDP(); sdp != nil && !sdp.Encoded() && sendsMedia(sdp.Content) {
		inBand = 1
	}
	switch {
	case acm:
		return b.dialect.acm[inBand]
	case status == 181:
		return b.dialect.cpgForwarded[inBand]
	}
	return b.dialect.cpgProgress[inBand]
}

// release is the REL for a refusal of the PBX: with the cause it names itself, or
// by the trunk's table.
func (w *worker) release(tx *transaction, status int) []byte {
	d := tx.backward.dialect
	r := q850.Reason{Cause: d.causeOf(status), Location: d.locationOf(status)}
	switch {
	case status == 487 && tx.cancelled:
		return nil // the trunk's side has released already
	case status == 487 && r.Cause == 0:
		r.Cause = tx.terminated()
	case d.profile == q850.RFC3398 && (status == 488 || status == 606):
		r.Cause = w.causeOfWarning(r.Cause)
	}
	return w.rel(w.reasonOr(r))
}

// terminated is the cause of a call that its PBX ended with 487 while the trunk
// still wanted it: because timer C ran out here, or of its own accord. Timer C is
// T9 of Q.764, which waits for the answer: Q.850 has cause 19 for a user who was
// alerted and did not answer, and says that timers of networks may give it.
// Where nothing rang it is a timer like any other, as for a 408 in RFC 3398
// section 8.2.6.1.
func (tx *transaction) terminated() q850.Cause {
	switch {
	case !tx.ranOut:
		return tx.backward.dialect.profile.Unspecified()
	case tx.backward.alerted:
		return q850.NoAnswer
	}
	return q850.TimerExpiry
}

// rel writes a REL; nil where there is no cause to give.
func (w *worker) rel(r q850.Reason) []byte {
	if !r.Cause.Valid() {
		return nil
	}
	w.isup = isupbody.AppendREL(w.isup[:0], isupbody.Cause{Location: isupbody.Location(r.Location), Value: uint8(r.Cause)})
	return w.isup
}

// reasonOr is what the Reason headers of the message being handled say in Q.850,
// or r where they say nothing. A location they leave open is r's.
func (w *worker) reasonOr(r q850.Reason) q850.Reason {
	for _, h := range w.msg.All(sipmsg.IDReason) {
		own, ok := q850.Find(w.msg.Bytes(h.Value))
		if !ok {
			continue
		}
		if !own.HasLocation {
			own.Location = r.Location
		}
		return own
	}
	return r
}

// causeOfWarning is what a Warning header says, or the cause given where there is
// none.
func (w *worker) causeOfWarning(c q850.Cause) q850.Cause {
	value := w.other("Warning")
	if len(value) < 3 {
		return c
	}
	return q850.CauseOfWarning(int(decimal(value[:3])))
}

// reliable is the RSeq of a reliable 18x (RFC 3262), 0 of any other.
func (w *worker) reliable() uint32 { return decimal(w.other("RSeq")) }

// other is the first value of a header that package sipmsg has no ID for.
func (w *worker) other(name string) []byte {
	m := &w.msg
	for i := range m.Headers {
		h := &m.Headers[i]
		if h.ID == sipmsg.IDOther && !h.Cut && h.Name.End-h.Name.Start == len(name) && bytes.EqualFold(m.Bytes(h.Name), []byte(name)) {
			return m.Bytes(h.Value)
		}
	}
	return nil
}

// decimal reads a number; 0: it is none.
func decimal(b []byte) uint32 {
	n := uint32(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > 429496728 {
			return 0
		}
		n = 10*n + uint32(c-'0')
	}
	return n
}
