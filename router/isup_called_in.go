package router

import "sipid/isupbody"

// readCalledIN takes the numbers that IN platforms fill in place of the original
// called number: the original called IN number (code 7F), then the called IN
// number (6F).
func (c *call) readCalledIN() {
	c.offerAlike(isupbody.ParamOriginalCalledINNumber)
	if !c.ended {
		c.offerAlike(isupbody.ParamCalledINNumber)
	}
}
