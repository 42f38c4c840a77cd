// Package vas is the client system's side of a call: it issues serials for users
// who ask for an agent, keeps their data in the temporary table, and hands it to
// the call centre that claims it. The call centre's client of that is here too.
//
// Service issues and serves, whatever the transport; NewHandler puts it on HTTP;
// Client claims over HTTP. A Store keeps the temporary table; package vastest
// holds the conformance suite that every store passes.
//
// It does not place the call: the platform does, with the original called number
// that an issue answers, or with one of the ready-made Carriers. It does not
// keep anything on disk either: that is the store, package sqlite for one. A
// claim straight from a client system's own table is package vas/pgtable. Who
// shows the data to an agent is package screenpop.
//
// Start with NewService on a client system, with NewClient in a call centre.
//
// # Serials
//
// A serial is a counter put through a keyed permutation of all numbers with the
// same count of digits. So no two counters give the same serial, whatever node
// or process took them, and the next serial cannot be told from those before.
// Counters are leased from the store in blocks. What a process had not used when
// it died stays unused until the counter has gone round the whole space; only
// then does any serial come again, and never while its row lives.
package vas
