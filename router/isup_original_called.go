package router

import "sipid/isupbody"

// readOriginalCalled takes the original called number, Q.763 clause 3.39: the
// place where the method puts access ID and serial.
func (c *call) readOriginalCalled() { c.offerAlike(isupbody.ParamOriginalCalledNumber) }
