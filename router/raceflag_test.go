//go:build !race

package router_test

// raced says that the race detector runs: it allocates by itself, and slowly.
const raced = false
