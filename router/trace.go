package router

// Trace collects what Route did, for people: `sipid route explain`. It shows
// digits, so it must not be logged.
type Trace struct {
	Steps []Step
}

// Step is one step of a decision.
type Step struct {
	Step   string // what was done: identify, digits, resolve ...
	Detail string // with what, and what came out
}
