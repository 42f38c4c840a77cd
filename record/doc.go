// Package record keeps the last calls in memory: what was decided of each, the
// INVITE as it came, and what happened to it since, with times. It is what
// `sipid calls` shows. Nothing of it is ever written to disk.
//
// All memory is taken at the start, outside of the heap that is collected, and
// is bounded in calls and in octets. Writing copies into it: no allocation, one
// short lock of a sixteenth of it. Reading copies out of it.
//
//	Calls    at least the last 10 000
//	Messages 24 MiB of INVITEs; of older calls only the rest is kept
//	Events   24 of each call; further ones are counted
package record
