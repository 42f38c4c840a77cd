-- +goose Up

-- "sipv" in ASCII: tells a temporary table from any other SQLite file.
PRAGMA application_id = 1936289910;

-- The spaces serials come from, one for each count of digits. next is the first
-- counter that was not leased yet; the key puts counters into an order that
-- cannot be guessed.
CREATE TABLE space (
    digits INTEGER PRIMARY KEY,
    key    BLOB    NOT NULL CHECK (length(key) = 32),
    next   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The temporary table. Times are milliseconds since 1970. data stands last: a
-- row that has expired is passed over without reading it.
CREATE TABLE serial (
    id         INTEGER PRIMARY KEY, -- the serial's digits with a 1 in front
    expires_at INTEGER NOT NULL,
    counter    INTEGER NOT NULL,
    claimed_at INTEGER,
    claimant   TEXT, -- NULL: not claimed
    call_id    TEXT,
    data       TEXT    NOT NULL -- a JSON object
) STRICT;

CREATE INDEX serial_expires_at ON serial (expires_at);
