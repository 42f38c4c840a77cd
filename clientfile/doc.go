// Package clientfile is the client table as a CSV file, as `sipid client import`
// reads it and `sipid client export` writes it: RFC 4180, UTF-8, a header row, a
// client a row. Read reads one, and Write what reads back to the same clients.
//
// What it is not: it knows no database. Rules that hold within a client are those
// of router.Client, those between clients are the store's; File.Locate says in
// which row its errors are.
package clientfile
