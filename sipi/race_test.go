//go:build race

package sipi_test

// raceEnabled: the race detector allocates and is slow, so what counts
// allocations or time asks for this first.
const raceEnabled = true
