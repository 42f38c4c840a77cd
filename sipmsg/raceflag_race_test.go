//go:build race

package sipmsg_test

// raceEnabled: allocation counts and million-fold loops make no sense under the race detector.
const raceEnabled = true
