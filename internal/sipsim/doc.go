// Package sipsim is the two ends of a trial call: a Trunk that places SIP-I
// calls as a VAS platform would (INVITE with SDP and an IAM), and a PBX that
// answers as an agent PBX would, each by a script. The tests, "sipid call",
// "sipid pbx" and "sipid demo" use it.
//
// It is not part of what sipid does to calls: the proxy is package proxy, which
// imports nothing from here. Messages are read by sipgo's parser, not by
// package sipmsg, so that a test has a second opinion on what sipid sent. The
// sockets and the few transactions are our own: sipgo's transaction layer
// handles every datagram in a goroutine of its own and so loses a 180 that
// comes together with its 200, which is what a test of order must see.
//
// UDP only, no authentication, one dialog per call, loose routing. No media is
// sent; a socket is bound for what the other side sends.
//
// The calls to start with are NewTrunk and Trunk.Call, and NewPBX and PBX.Serve.
package sipsim
