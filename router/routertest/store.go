package routertest

import (
	"testing"

	"sipid/router"
)

// TestClientStore checks that a store keeps the promises of router.ClientStore.
// open gives a new, empty store for each subtest and closes it with t.Cleanup.
func TestClientStore(t *testing.T, open func(t *testing.T) router.ClientStore) {
	t.Helper()
}
