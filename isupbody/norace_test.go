//go:build !race

package isupbody_test

const raceEnabled = false
