package router

import "sipid/isupbody"

// readRedirecting takes the redirecting number, Q.763 clause 3.44. After one
// diversion it is the same number as the original called one, and some switches
// pass only this.
func (c *call) readRedirecting() { c.offerAlike(isupbody.ParamRedirectingNumber) }
