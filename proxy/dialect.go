package proxy

import (
	"sipid/isupbody"
	"sipid/q850"
	"sipid/router"
	"sipid/sipi"
)

// dialect is how a trunk is spoken to in ISUP, with the messages ready made: on
// the way of an answer they are only copied. It never changes.
type dialect struct {
	replies string // router.ISUPAuto, ISUPAlways or ISUPNever
	profile q850.Profile
	causes  map[int]uint8
	// location of causes; without one the profile says it
	location    q850.Location
	hasLocation bool

	encoding sipi.Encoding // of what the trunk sends; what we add is binary always

	base  isupbody.Base              // of a trunk that names none
	types [isupbody.BaseCount]string // the Content-Type of a part, by base

	acmFree      []byte    // on 180
	acm          [2][]byte // on 181, 182 and 183; the second says that there is in-band information
	cpgAlerting  []byte
	cpgForwarded [2][]byte
	cpgProgress  [2][]byte
	anm, con     []byte
}

// dialects has the dialect of each trunk in its place, and at the end that of
// whoever is no trunk: each call asks, and an index costs it nothing.
type dialects []*dialect

func newDialects(r *router.Router) dialects {
	var all dialects
	for _, t := range r.Trunks() {
		all = append(all, newDialect(t))
	}
	return append(all, newDialect(&router.Trunk{ISUPReplies: router.ISUPNever, CauseProfile: router.CauseQ1912}))
}

// of is the dialect of a trunk, nil for nobody's.
func (d dialects) of(t *router.Trunk) *dialect {
	if t == nil {
		return d[len(d)-1]
	}
	return d[t.Index()]
}

func newDialect(t *router.Trunk) *dialect {
	d := &dialect{replies: t.ISUPReplies, causes: t.Causes, base: isupbody.BaseITU92}
	d.profile, _ = q850.ParseProfile(t.CauseProfile) // validated by the router, as all of it
	d.encoding, _ = sipi.ParseEncoding(t.ISUPEncoding)
	d.location, d.hasLocation = q850.ParseLocation(t.ISUP.Location)
	if base, ok := isupbody.ParseBase(t.ISUP.Base); ok {
		d.base = base
	}
	for b := range d.types {
		d.types[b] = isupType(isupbody.Base(b), d.base, t.ISUP.Version)
	}
	d.messages(&t.ISUP)
	return d
}

// isupType is the Content-Type of our parts, in the base that the trunk's own
// part named.
func isupType(named, byDefault isupbody.Base, version string) string {
	if named == isupbody.BaseUnknown {
		named = byDefault
	}
	if version == "" {
		version = named.String()
	}
	return "application/ISUP;version=" + version + ";base=" + named.String()
}

// messages makes what does not depend on the call.
func (d *dialect) messages(c *router.ISUP) {
	none, free := indicators(d.profile, 0, c), indicators(d.profile, 1, c)
	answered := free
	var onCPG, onProgress, onANM *isupbody.BackwardCall
	if d.profile == q850.Q1912 {
		// The basic rules repeat in each message that interworking was encountered,
		// and say nothing of the called party's status in an answer.
		onCPG, onProgress, onANM, answered = &free, &none, &none, none
	}
	inBand := isupbody.OptionalBackwardCall(0).WithInBand(true)
	d.acmFree = isupbody.AppendACM(nil, free, nil)
	d.cpgAlerting = isupbody.AppendCPG(nil, isupbody.EventAlerting, onCPG, nil)
	for i, optional := range [...]*isupbody.OptionalBackwardCall{nil, &inBand} {
		d.acm[i] = isupbody.AppendACM(nil, none, optional)
		d.cpgForwarded[i] = isupbody.AppendCPG(nil, isupbody.EventForwardedUnconditionally, onProgress, optional)
		d.cpgProgress[i] = isupbody.AppendCPG(nil, isupbody.EventProgress, onProgress, optional)
	}
	d.anm = isupbody.AppendANM(nil, onANM, nil)
	d.con = isupbody.AppendCON(nil, answered, nil)
}

// indicators are the backward call indicators by the profile, with what the
// trunk's configuration says instead.
func indicators(p q850.Profile, calledStatus int, c *router.ISUP) isupbody.BackwardCall {
	b := isupbody.BackwardCallQ1912(calledStatus)
	if p == q850.RFC3398 {
		b = isupbody.BackwardCallRFC3398(calledStatus)
	}
	switch c.Charge {
	case router.ChargeNone:
		b = b.WithCharge(0)
	case router.ChargeFree:
		b = b.WithCharge(1)
	case router.ChargeCharge:
		b = b.WithCharge(2)
	}
	switch c.Category {
	case router.CategoryNone:
		b = b.WithCalledCategory(0)
	case router.CategoryOrdinary:
		b = b.WithCalledCategory(1)
	case router.CategoryPayphone:
		b = b.WithCalledCategory(2)
	}
	if c.Interworking != "" {
		b = b.WithInterworking(c.Interworking == router.Yes)
	}
	if c.ISUPAllTheWay != "" {
		b = b.WithISUPAllTheWay(c.ISUPAllTheWay == router.Yes)
	}
	if c.ISDNAccess != "" {
		b = b.WithISDNAccess(c.ISDNAccess == router.Yes)
	}
	return b
}

// speaks tells whether ISUP is added to what goes back to the trunk (RFC 3398
// section 7.2.4: not to one whose INVITE had none, unless it asks for it).
func (d *dialect) speaks(hadISUP bool) bool {
	return d.replies == router.ISUPAlways || hadISUP && d.replies != router.ISUPNever
}

// speaksANSI tells whether the trunk, whose part named that base, speaks ANSI ISUP.
func (d *dialect) speaksANSI(named isupbody.Base) bool {
	if named == isupbody.BaseUnknown {
		named = d.base
	}
	return named.Variant() == isupbody.VariantANSI
}

// causeOf is the cause of a status; 0: none.
func (d *dialect) causeOf(status int) q850.Cause {
	if c, ok := d.causes[status]; ok {
		return q850.Cause(c)
	}
	return d.profile.CauseOf(status)
}

// locationOf is where a refusal was generated: what we know of the other side is
// that it lies beyond an interworking point. RFC 3398 section 8.2.6.1 takes a 6xx
// for the user's own.
func (d *dialect) locationOf(status int) q850.Location {
	switch {
	case d.hasLocation:
		return d.location
	case d.profile == q850.RFC3398 && status >= 600:
		return q850.LocationU
	}
	return q850.LocationBI
}

// clearing is the cause of a PBX's BYE that gives none: its user hung up.
func (d *dialect) clearing() q850.Reason {
	r := q850.Reason{Cause: q850.NormalClearing, Location: q850.LocationBI}
	switch {
	case d.hasLocation:
		r.Location = d.location
	case d.profile == q850.RFC3398:
		r.Location = q850.LocationU
	}
	return r
}
