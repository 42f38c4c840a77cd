// Package sqlite keeps the client table in an SQLite file: one small site, one
// file, no server.
//
// Store is the writing side, for the command line and later the HTTP API: every
// write is one transaction that leaves a history entry and raises the revision.
// Watcher is the reading side, for the running daemon: it sees a write by any
// process within Interval, loads the whole file, checks it and hands the new
// table over. LoadTable reads a file once, for the offline twins of the daemon.
//
// It is not where a call looks for its client: that is router.Table, in memory,
// and nothing that happens to the file changes it until a complete, sound table
// has been read. It decides nothing about what a client may look like either:
// that is router.Client.Validate.
//
// Start with Open, or with NewWatcher in a daemon. VASStore, a client system's
// temporary table, has a file of its own: start with OpenVAS.
//
// # The file
//
// New files use SQLite's rollback journal, not a write-ahead log. With a
// write-ahead log a daemon that has the file open keeps the -wal file alive, and
// a backup moved over the database is then read through the log of the file it
// replaced: rows of both, and no error. With a rollback journal nothing lies
// beside the file between two writes, so that mv, cp and rm do what an operator
// expects. A file that somebody switched to a write-ahead log still works; stop
// the daemon before such a file is replaced.
//
// Every row carries a checksum that the store writes and every reader checks,
// because SQLite does not notice a flipped bit in a name. A row edited with the
// sqlite3 tool loses its checksum by a trigger and is accepted as it stands.
//
// # What the Watcher refuses
//
// A table that lost more than 20 % of its rows is not taken over, unless the
// rows were removed by a Store: then the revision is higher than that of the
// table being served, and both come from the same database. An operator who did
// mean it (a backup put in place, say) confirms with any write of a Store to the
// new file, `sipid client enable 1001` for one: that raises its revision, and the
// Watcher takes the table. The first table after a start is never refused.
package sqlite
