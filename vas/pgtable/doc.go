// Package pgtable claims users' data straight from a client system's temporary
// table in PostgreSQL, by the serial: the method's own way, for client systems
// that have no HTTP interface.
//
// It reads only, with one prepared statement, and says so to the server too. So
// it cannot bind a serial to a call as the HTTP interface does: whoever may read
// the table may read a row twice. Making, filling and clearing the table is the
// client system's work; a table of sipid's own is served by package vas.
//
// Start with New.
package pgtable
