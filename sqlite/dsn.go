package sqlite

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // registers the driver "sqlite3"
)

// How a connection is opened. Pragmas stand in the data source name, because
// the pool may open a connection at any time and an Exec reaches only one.
const (
	// Writers wait for the daemon's readers and for each other. FULL is what
	// the rollback journal needs to survive a power cut; the driver's own
	// default is NORMAL. The cache holds a large import, so that the file is
	// locked against readers only while it is committed.
	writerOptions = "mode=rwc&_txlock=immediate&_foreign_keys=on&_synchronous=FULL&_cache_size=-65536"

	// Readers never change a row, yet they are opened for writing: only so
	// can they undo what a process that died in a commit left half done.
	readerOptions = "mode=rw&_txlock=deferred&_foreign_keys=on&_synchronous=FULL&_query_only=on"
)

// openPool opens a pool of at most size connections to the file.
func openPool(path, options string, wait time.Duration, size int) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// As a URI, so that ?, % and # in a path are part of it.
	escaped := (&url.URL{Path: absolute}).EscapedPath()
	db, err := sql.Open("sqlite3", fmt.Sprintf("file:%s?%s&_busy_timeout=%d", escaped, options, wait.Milliseconds()))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	return db, nil
}
