// Package report shows what sipid did or would do with a call, to people and as
// JSON: the steps of a decision, the ISUP, the SIP messages with their times.
// It decides nothing; it reads what proxy and record say.
//
// A Question asks where a call would go; an Explainer answers it with the code
// that serves calls. NewRow and NewCall show a call on record.
package report
