// Package routertest is what tests of several packages share about routing: the
// conformance suite for client stores, one test body that runs against every
// store, and the reader of router/testdata/decisions, whose files are run by
// package router as decisions and by package proxy as calls. It holds no test
// doubles.
//
// Start with TestClientStore, or with ReadDecision.
package routertest
