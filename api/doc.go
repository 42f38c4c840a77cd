// Package api is the HTTP interface of a running `sipid serve`, both ends of it:
// NewHandler serves health, metrics and what is below /v1/ (clients, PBX targets,
// the last calls, where a call would go), and Remote asks it, for the command
// line. The types are the JSON of docs/operations.md.
//
// What it is not: it decides nothing and keeps nothing. What it shows comes from
// functions it is given (Options); what agents see is package screenpop's, and
// the claims of the client systems are package vas's.
package api
