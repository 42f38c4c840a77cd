package router

import (
	"slices"
	"strings"
	"time"
)

// Route decides where a call from trunk t goes; t is one that Trunk gave, not
// nil. It fills d from the beginning and allocates nothing when it resolves.
func (r *Router) Route(t *Trunk, s *Signals, d *Decision) {
	*d = Decision{Trace: d.Trace}
	c := call{trunk: t, signals: s, table: r.Table(), now: r.now, d: d}
	c.identify() // and resolve
	c.inspect()
	d.decide(r, t, c.table)
}

// call is one run of Route.
type call struct {
	trunk   *Trunk
	signals *Signals
	table   *Table
	now     func() time.Time
	d       *Decision
	verdict outcome
	source  Source // being read
	ended   bool   // nothing that follows can change the verdict
	iam     iam
	scratch [128]byte // for digits being looked at
}

// outcome is what one number led to.
type outcome struct {
	status Status
	client *Client // whose access ID begins the number
	err    error
}

// identify tries the trunk's sources in order. Absent and unknown-access-id go
// on to the next, anything else ends the search; what is left after a resolved
// one can only disagree.
func (c *call) identify() {
	for _, s := range c.trunk.Identify {
		if c.ended {
			break
		}
		if c.verdict.status == StatusResolved && !s.ByAccessID() {
			continue // it has no vote
		}
		c.source = s
		steps := c.d.Trace.len()
		c.read(s)
		c.traceSource(steps)
	}
	// A body nobody could read may have held the identity, whatever the trunk
	// looks at.
	if c.verdict.status == StatusNoIdentity && c.signals.BodyErr != nil {
		c.verdict = outcome{status: StatusMalformedBody, err: c.signals.BodyErr}
	}
	c.d.Status, c.d.Err = c.verdict.status, c.verdict.err
	if c.d.Status == StatusResolved {
		c.d.Client = c.verdict.client
	} else {
		c.d.Source = SourceNone
		c.d.id, c.d.length, c.d.callerLength = 0, 0, 0
	}
}

// read is the list of sources; each stands in the file named after it. A source
// offers what it finds, none, one or several numbers.
func (c *call) read(s Source) {
	switch s {
	case SourceISUPOriginalCalled:
		c.readOriginalCalled()
	case SourceISUPRedirecting:
		c.readRedirecting()
	case SourceISUPGeneric:
		c.readGeneric()
	case SourceISUPCalledIN:
		c.readCalledIN()
	case SourceDiversion:
		c.readDiversion()
	case SourceHistoryInfo:
		c.readHistoryInfo()
	case SourceTo:
		c.readTo()
	case SourceUserToUser:
		c.readUserToUser()
	case SourceCalledSuffix:
		c.readCalledSuffix()
	case SourceCalling:
		c.readCalling()
	}
}

// offer resolves the digits that a source found.
func (c *call) offer(digits []byte) {
	if len(digits) == 0 {
		return
	}
	o := c.resolve(digits)
	c.traceOutcome(digits, o)
	if o.status == StatusResolved && c.verdict.status != StatusResolved {
		c.keep(digits, o.client)
	}
	c.add(o)
}

// keep copies the digits of the first number that resolves.
func (c *call) keep(digits []byte, client *Client) {
	c.d.Source = c.source
	c.d.id = len(client.AccessID)
	c.d.length = copy(c.d.digits[:], digits)
}

// add counts an outcome into the verdict.
func (c *call) add(o outcome) {
	c.traceFault(o)
	switch {
	case c.verdict.status == StatusResolved:
		// Only what fully resolves can disagree.
		if o.status == StatusResolved && o.client != c.verdict.client {
			c.verdict = outcome{status: StatusAmbiguous, err: errClientsDiffer}
			c.ended = true
		}
	case c.ended:
	case o.status == StatusResolved:
		c.verdict = o
		c.ended = c.ended || c.trunk.FirstWins
	default:
		if c.verdict.status == StatusNoIdentity {
			c.verdict = o
		}
		c.ended = o.status != StatusNoIdentity && o.status != StatusUnknownAccessID
	}
}

// resolve splits digits into access ID and serial, and asks whether that client
// may be claimed here.
func (c *call) resolve(digits []byte) outcome {
	client, ok := c.table.Resolve(digits)
	if !ok {
		return outcome{status: StatusUnknownAccessID, err: c.noTable()}
	}
	serial := digits[len(client.AccessID):]
	o := outcome{status: StatusResolved, client: client}
	switch {
	case len(serial) != client.SerialDigits || !allDecimal(serial):
		o.status = StatusBadSerial
	default:
		o.status = c.permission(client)
	}
	return o
}

// permission says whether the client is there for calls, and whether the trunk
// may claim it by the source being read.
func (c *call) permission(client *Client) Status {
	switch {
	case !client.Enabled || !client.inForce(c.now):
		return StatusClientDisabled
	case c.trunk.refuses>>c.source&1 == 1 || !c.trunk.mayClaim(client.AccessID):
		return StatusNotAllowed
	}
	return StatusResolved
}

func (c *call) noTable() error {
	if c.table == nil {
		return ErrNoTable
	}
	return nil
}

// mayClaim checks the trunk's patterns; a trunk without any may claim all.
func (t *Trunk) mayClaim(accessID string) bool {
	return len(t.AccessIDs) == 0 || slices.ContainsFunc(t.AccessIDs, func(pattern string) bool {
		beginning, open := strings.CutSuffix(pattern, "*")
		return pattern == accessID || open && strings.HasPrefix(accessID, beginning)
	})
}

func allDecimal(digits []byte) bool {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// decide names the PBX group, and the refusal where the trunk wants one.
func (d *Decision) decide(r *Router, t *Trunk, table *Table) {
	d.Group = r.DefaultGroup()
	if d.Status == StatusResolved {
		d.name = table.headerName(d.Client)
		d.Group = r.groupOf(d.Client)
	} else if t.Reject {
		d.RejectStatus = d.Status.refusal()
	}
	d.profile = r.profileOf(d.Client, d.Group)
	d.traceDecision()
}
