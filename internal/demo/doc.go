// Package demo is "sipid demo": one call through the whole method on one machine.
// Run starts a client system, an agent PBX and a serve on free ports, issues a
// serial, places a SIP-I call with it, and shows each of the method's steps. It
// fails when the agent's screen did not get what the serial was issued for.
//
// The parts are those of the product (package daemon) and the ends of trial calls
// (packages trial and sipsim); nothing here takes part in a call.
package demo
