// Command loadgen is an open-loop SIP-I call generator: trunk and agent PBX in
// one process, on loopback, around one proxy under test.
//
// Every call is INVITE, 100, 180, 200, ACK, BYE, 200. The INVITE carries a
// binary IAM with its own access ID and serial in the original called number;
// the answering side checks what the proxy made of it, octet by octet.
//
// Start with main.go, then generator.go. It is not a SIP stack and no
// conformance test (SIPp is, package e2e): it knows the messages it sends
// itself and what a proxy may do to them. How to run it: ../README.md.
package main
