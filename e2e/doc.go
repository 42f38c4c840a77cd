// Package e2e holds no code, only tests: they start the real sipid binary between real peers (Kamailio as the edge,
// SIPp as trunk and as agent PBX) and look at the wire with tshark. Nothing here reaches into sipid's packages, so
// that a fault in a codec cannot hide itself by being on both sides. Tests of single packages live in those packages.
//
// Run them with scripts/test, or with
//
//	go test ./e2e -run TestIdentify
//
// as root, where kamailio, sipp, tshark, nft and ip are installed. Without them the tests are skipped and say what
// is missing; with SIPID_E2E=required in the environment they fail instead.
package e2e
