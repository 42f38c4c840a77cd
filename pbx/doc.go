// Package pbx knows how the agent PBXs are while sipid runs: which are up, by
// their answers to OPTIONS and to calls, which an operator took out, how many
// calls each has, and in what order a call is offered to them.
//
// What it is not: it sends nothing (package proxy does, and tells this package
// what came of it), and what a group is made of stands in the configuration
// (package router).
//
// Start with New, then Groups.Of a call's group and Pool.Candidates.
package pbx
