// Package router says where a call goes: identify, resolve, decide.
//
// Identify takes the digits out of a message that say which client system
// calls: the original called number of the ISUP part (Q.763 clause 3.39), or
// one of the places where the same number rides on a plain SIP trunk. Resolve
// splits them into access ID and serial with the client table. Decide names
// the PBX group, the headers, or the refusal.
//
// It knows no SIP stack, no SQL and no network: moving the call is package
// proxy's job, splitting the body is package sipi's, keeping the clients is a
// store's (package sqlite). What it reads, it reads through isupbody and sipmsg.
//
// Start with New and Router.Route; NewTable makes the client table that
// SetTable puts live.
package router
