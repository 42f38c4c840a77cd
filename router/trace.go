package router

import (
	"fmt"
	"strings"

	"sipid/isupbody"
)

// Trace collects what Route did, for people: `sipid route explain`. It shows
// digits, so it must not be logged.
type Trace struct {
	Steps []Step
}

// Step is one step of a decision.
type Step struct {
	Step   string // what was looked at: a source's name, rule, row, serial ...
	Detail string // what came out
}

func (t *Trace) add(step, format string, args ...any) {
	t.Steps = append(t.Steps, Step{Step: step, Detail: fmt.Sprintf(format, args...)})
}

func (t *Trace) len() int {
	if t == nil {
		return 0
	}
	return len(t.Steps)
}

// The functions below do nothing on the hot path, where there is no Trace. They
// copy digits into strings, or the caller's working space would escape to the
// heap on every call.

// traceNumber says what a source found, and what the trunk's rules made of it.
func (c *call) traceNumber(found, digits []byte, where string) {
	c.traceNumberRule(found, digits, where, "strip_prefix")
}

func (c *call) traceNumberRule(found, digits []byte, where, rule string) {
	t := c.d.Trace
	if t == nil {
		return
	}
	t.add(c.source.String(), "%s: %q", where, string(found))
	if string(found) != string(digits) {
		t.add("rule", "%s leaves %q", rule, string(digits))
	}
}

// traceVariant says by which layout a trunk's ISUP is read, where its
// configuration has a word in that.
func (c *call) traceVariant(v isupbody.Variant) {
	t := c.d.Trace
	if t == nil || c.trunk.ISUPVariant == "" {
		return
	}
	t.add("isup_variant", "read as %s; without a label it would be %s", v, c.trunk.variant)
}

// traceSuffix says how the called number was taken apart.
func (c *call) traceSuffix(called, caller []byte, status Status) {
	t := c.d.Trace
	switch {
	case t == nil:
	case status == StatusResolved:
		t.add("suffix", "access number %s, then %q", string(called[:len(called)-len(caller)]), string(caller))
	case status == StatusAmbiguous:
		t.add("suffix", "what follows the access number in %q is no plausible number, or is one in two ways: %s", string(called), status)
	case len(called) > 0:
		t.add("suffix", "%q is no access number with a caller behind it", string(called))
	}
}

// traceCaller follows a calling number from its row to the permission.
func (c *call) traceCaller(number []byte, o outcome) {
	t := c.d.Trace
	switch {
	case t == nil:
		return
	case o.status == StatusAmbiguous:
		t.add("row", "more than one client lists %q: %s", string(number), o.status)
		return
	case o.client == nil:
		t.add("row", "no client lists %q: %s", string(number), o.status)
		return
	}
	if listed, _ := c.table.caller(append([]byte("+"), number...)[1:]); len(number) > 0 && listed == o.client {
		t.add("row", "%q is a calling number of the client with access ID %s", string(number), o.client.AccessID)
	} else {
		t.add("row", "no client lists %q: the trunk's direct_client %s", string(number), o.client.AccessID)
	}
	c.tracePermission(o)
}

// traceOutcome follows a number from its row to the permission.
func (c *call) traceOutcome(digits []byte, o outcome) {
	t := c.d.Trace
	if t == nil {
		return
	}
	if o.client == nil {
		t.add("row", "no access ID begins %q: %s", string(digits), o.status)
		return
	}
	id, serial := o.client.AccessID, string(digits[len(o.client.AccessID):])
	t.add("row", "access ID %s, %d digits, begins %q", id, len(id), string(digits))
	if o.status == StatusBadSerial {
		t.add("serial", "%q is not the %d decimal digits this client has: %s", serial, o.client.SerialDigits, o.status)
		return
	}
	t.add("serial", "%q, %d digits as this client has", serial, len(serial))
	c.tracePermission(o)
}

// tracePermission says whether the client is there, and this trunk's.
func (c *call) tracePermission(o outcome) {
	t := c.d.Trace
	if o.status == StatusClientDisabled {
		t.add("client", "%q is %s: %s", o.client.Name, o.client.whyNot(), o.status)
		return
	}
	t.add("client", "%q, %s", o.client.Name, o.client.Endpoint)
	allowed := strings.Join(c.trunk.AccessIDs, " ")
	switch {
	case c.trunk.refuses>>c.source&1 == 1:
		t.add("permission", "trunk %q may not use %s: %s", c.trunk.Name, c.source, o.status)
	case o.status == StatusNotAllowed:
		t.add("permission", "trunk %q may claim %s only: %s", c.trunk.Name, allowed, o.status)
	case allowed == "":
		t.add("permission", "trunk %q may claim every client", c.trunk.Name)
	default:
		t.add("permission", "trunk %q may claim %s", c.trunk.Name, allowed)
	}
}

// whyNot says in words why a client is client-disabled.
func (c *Client) whyNot() string {
	switch {
	case !c.Enabled:
		return "disabled"
	case c.ValidFrom == 0:
		return fmt.Sprintf("valid to %s only", c.ValidTo)
	case c.ValidTo == 0:
		return fmt.Sprintf("valid from %s only", c.ValidFrom)
	}
	return fmt.Sprintf("valid from %s to %s only", c.ValidFrom, c.ValidTo)
}

// traceFault says why a source could not be read.
func (c *call) traceFault(o outcome) {
	if t := c.d.Trace; t != nil && o.client == nil && o.err != nil {
		t.add(c.source.String(), "%s: %v", o.status, o.err)
	}
}

// traceSource names a source that added no step of its own.
func (c *call) traceSource(steps int) {
	if t := c.d.Trace; t != nil && len(t.Steps) == steps {
		t.add(c.source.String(), "gives no digits")
	}
}

func (d *Decision) traceDecision() {
	t := d.Trace
	if t == nil {
		return
	}
	if d.Err != nil {
		t.add("status", "%s: %v", d.Status, d.Err)
	} else {
		t.add("status", "%s", d.Status)
	}
	if d.CalledDiffers {
		t.add("warning", "the called number of the ISUP part is not that of the Request-URI")
	}
	if d.Restricted {
		t.add("privacy", "the caller's number must not be shown further on")
	}
	if d.Client != nil && d.Client.HeaderProfile != "" && (d.profile == nil || d.profile.Name != d.Client.HeaderProfile) {
		t.add("headers", "header profile %q of the client is not configured, the headers of the PBX group stand", d.Client.HeaderProfile)
	}
	if d.profile != nil {
		t.add("headers", "by header profile %q", d.profile.Name)
	}
	switch {
	case d.RejectStatus != 0:
		t.add("decide", "refused with %d: the trunk rejects what is not identified", d.RejectStatus)
	case d.Group == nil:
	case d.Client != nil && d.Group.Name != d.Client.GroupName():
		t.add("decide", "group %q is not configured, PBX group %q takes the call", d.Client.GroupName(), d.Group.Name)
	default:
		t.add("decide", "PBX group %q: %s", d.Group.Name, d.Group.targetList())
	}
}

func (g *Group) targetList() string {
	var uris []string
	for i := range g.Targets {
		uris = append(uris, g.Targets[i].URI)
	}
	return strings.Join(uris, " ")
}
