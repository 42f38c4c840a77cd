// Package q850 holds the release causes of ITU-T Q.850 and what SIP makes of
// them: the tables between causes and SIP statuses of RFC 3398 and of ITU-T
// Q.1912.5, the locations, and the Q.850 value of the Reason header (RFC 3326,
// RFC 6432, RFC 8606).
//
// Start with [Profile.CauseOf] for the cause of a SIP status, [Profile.StatusOf]
// for the way back, and [Find] for what a Reason header says.
//
// What it is not: it knows nothing of ISUP messages and their cause indicators
// (package isupbody), nothing of SIP messages (package sipmsg), and decides
// nothing about a call (package proxy).
package q850
