package router

import (
	"bytes"

	"sipid/sipmsg"
)

// readHistoryInfo takes the original target of the call: the entry that the
// first mp parameter refers to by its index (RFC 7044 section 10.3 for mp,
// section 11 for its use in call centres). Where no entry has mp, or the one
// referred to is missing, the list has a gap and section 11 falls back to the
// oldest entry that is there.
func (c *call) readHistoryInfo() {
	oldest, mp := c.firstMapped()
	if len(mp) > 0 {
		for l := (values{headers: c.signals.HistoryInfo}); l.next(); {
			if index, _ := entryParam(l.value, "index"); bytes.Equal(index, mp) {
				c.offerAddress(l.value, "History-Info entry that the first mp refers to")
				return
			}
		}
	}
	c.offerAddress(oldest, "oldest History-Info entry")
}

// firstMapped gives the oldest entry and the first mp there is.
func (c *call) firstMapped() (oldest, mp []byte) {
	for l := (values{headers: c.signals.HistoryInfo}); l.next(); {
		if oldest == nil {
			oldest = l.value
		}
		if mp, ok := entryParam(l.value, "mp"); ok {
			return oldest, mp
		}
	}
	return oldest, nil
}

func entryParam(entry []byte, name string) ([]byte, bool) {
	a, err := sipmsg.ParseNameAddr(entry)
	if err != nil {
		return nil, false
	}
	return sipmsg.Param(a.Params, name)
}
