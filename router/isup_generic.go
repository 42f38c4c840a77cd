package router

import "sipid/isupbody"

// readGeneric takes the generic numbers, Q.763 clause 3.26. A message may carry
// several with different qualifiers; each is tried in wire order.
func (c *call) readGeneric() { c.offerEach(isupbody.ParamGenericNumber) }
