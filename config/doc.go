// Package config reads sipid.yaml, or the flags that stand for it, into the types
// of the packages that use them. It names every field that is wrong, with its
// line, and says what has no effect. Load is the one call to start with.
//
// It starts nothing: what is made of Settings is wired in package daemon. What the
// fields mean is told in docs/operations.md.
package config
