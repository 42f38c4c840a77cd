//go:build !race

package sipi_test

// raceEnabled: see race_test.go.
const raceEnabled = false
