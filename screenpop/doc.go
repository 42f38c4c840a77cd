// Package screenpop shows agents who is calling: step S6 of the method, and when
// to ask for the user's data (S5).
//
// A Service follows calls by the events it is given, reads from the PBX's answers
// which agent rings, makes one pop per call and agent, has the user's data
// claimed beside the call, and pushes all of it to the agent's screen: an event
// stream for any CRM, and the desk page in this package. Every showing goes to an
// AuditStore, without the data. The data live in memory only, until some time
// after the call, and are never logged.
//
// It does not see SIP messages: package proxy does, and daemon turns its
// events into ours. It does not speak to client systems: a Claimer does, package
// vas has one. It keeps nothing on disk: package sqlite implements AuditStore.
//
// Start with New, then Run; Observe is for the call path, Handler for HTTP.
//
// # What a stream tells
//
// A stream tells states, not a log: each event carries a whole pop, and a reader
// that was away or slow gets each pop once, as it stands now. So there is no
// queue per reader that could grow or overflow, replay after a lost connection
// is the same thing as a first look, and the data of a call that is over are in
// no replay.
package screenpop
