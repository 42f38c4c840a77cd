// Package routertest is the conformance suite for client stores: one test body
// that runs against every store. It holds no test doubles; the decisions
// themselves are tested in package router.
//
// Start with TestClientStore.
package routertest
