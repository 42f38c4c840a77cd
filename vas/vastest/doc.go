// Package vastest is the conformance suite for stores of the temporary table:
// one test body that runs against every store. It holds no test doubles; serials
// and the HTTP interface are tested in package vas.
//
// Start with TestStore.
package vastest
