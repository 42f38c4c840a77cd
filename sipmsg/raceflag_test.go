//go:build !race

package sipmsg_test

const raceEnabled = false
