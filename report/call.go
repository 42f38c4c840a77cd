package report

import (
	"time"

	"sipid/record"
	"sipid/router"
)

// Row is a call in a list: GET /v1/calls, `sipid calls list` and `tail`.
type Row struct {
	ID       uint64    `json:"id"`
	At       time.Time `json:"at"`
	Status   string    `json:"status"`
	Source   string    `json:"source"`
	AccessID string    `json:"access_id"`
	Serial   string    `json:"serial"`
	Trunk    string    `json:"trunk"`
	PBXGroup string    `json:"pbx_group"`
	Target   string    `json:"target"`
	State    string    `json:"state"` // offered, ringing, answered, ended or refused
	Code     int       `json:"code"`  // SIP status of the final response to the trunk; 0: none yet
	CallID   string    `json:"call_id"`
}

// NewRow makes a row; without unmask the serial cannot be read.
func NewRow(c *record.Call, unmask bool) Row {
	r := Row{
		ID: c.Number, At: c.At.UTC(), Status: c.Status.String(), Source: c.Source.String(), AccessID: c.AccessID, Serial: c.Serial,
		Trunk: c.Trunk, PBXGroup: c.Group, Target: c.Target(), State: c.State(), Code: c.Final(), CallID: c.CallID,
	}
	if !unmask {
		r.Serial = Mask(r.Serial)
	}
	return r
}

// Call is everything about a call: GET /v1/calls/{id} and `sipid calls show`.
type Call struct {
	Row
	From        string       `json:"from"` // the packet's source
	Called      string       `json:"called"`
	Calling     string       `json:"calling"`
	Masked      bool         `json:"masked"`
	Warnings    []string     `json:"warnings"`
	Explanation *Explanation `json:"explanation"` // made now from the INVITE; null when that is not kept any more
	ISUP        []ISUP       `json:"isup"`
	Media       *Media       `json:"media"`
	Ladder      []Rung       `json:"ladder"`
}

// Details says what a Call is made with.
type Details struct {
	// Explain runs the live code on the INVITE once more.
	Explain func(*record.Call) (*Explanation, error)
	// Revision is that of the client table now.
	Revision int64
	Unmask   bool
}

// NewCall collects everything about a call.
func NewCall(c *record.Call, d *Details) *Call {
	out := &Call{Row: NewRow(c, d.Unmask), From: c.From.String(), Masked: !d.Unmask, Warnings: []string{}, ISUP: []ISUP{}, Ladder: ladder(c)}
	if c.Lost > 0 {
		out.warn("%d more events are not kept", c.Lost)
	}
	if c.Message == nil {
		out.warn("newer calls took the place of its INVITE: no explanation, no ISUP")
		return out
	}
	out.read(c.Message, d)
	e, err := d.Explain(c)
	if err != nil {
		out.warn("the INVITE cannot be explained now: %v", err)
		return out
	}
	if d.Revision != c.Revision {
		out.warn("the client table has changed since (revision %d then, %d now)", c.Revision, d.Revision)
	}
	if e.Status != c.Status.String() || e.AccessID != c.AccessID || e.Serial != c.Serial {
		out.warn("it would end as %s now, it ended as %s: the steps below are those of now", e.Status, c.Status)
	}
	if !d.Unmask {
		e = e.Masked()
	}
	out.Explanation = e
	return out
}

// Filter chooses calls of a list; an empty field chooses all.
type Filter struct {
	Status, AccessID, Trunk string
	Since, Until            time.Time
}

// Takes tells whether a call is one of those asked for.
func (f *Filter) Takes(c *record.Call) bool {
	return (f.Status == "" || f.Status == c.Status.String()) && (f.AccessID == "" || f.AccessID == c.AccessID) &&
		(f.Trunk == "" || f.Trunk == c.Trunk) && (f.Since.IsZero() || !c.At.Before(f.Since)) && (f.Until.IsZero() || !c.At.After(f.Until))
}

// KnownStatus tells whether there is a status of this name.
func KnownStatus(name string) bool {
	for _, s := range router.Statuses() {
		if s.String() == name {
			return true
		}
	}
	return false
}
