// Package trial is "sipid call" and "sipid pbx": it places a call, or answers
// calls, with the two ends of package sipsim, and prints what happens, as lines
// for people or as JSON. Place and Answer are the calls to start with.
//
// It shows personal data: it is for trials.
package trial
