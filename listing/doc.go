// Package listing prints a list: as a table for a terminal, as JSON, or as CSV.
// Rows says what is in it; each format is a method.
//
// What it is not: it knows nothing of what is listed, and of no flags.
package listing
