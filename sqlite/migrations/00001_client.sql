-- +goose Up

-- "sipd" in ASCII: tells our client database from any other SQLite file.
PRAGMA application_id = 1936289892;

CREATE TABLE client (
    access_id     TEXT    NOT NULL PRIMARY KEY CHECK (access_id <> '' AND access_id NOT GLOB '*[^0-9]*'),
    name          TEXT    NOT NULL,
    endpoint      TEXT    NOT NULL,
    serial_digits INTEGER NOT NULL DEFAULT 8,
    pbx           TEXT    NOT NULL DEFAULT 'default',
    calling       TEXT    NOT NULL DEFAULT '', -- numbers, separated by spaces
    enabled       INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    crc           INTEGER                      -- of the columns before; NULL: edited by hand, not checked
) STRICT, WITHOUT ROWID;

-- An edit that does not come from sipid leaves the checksum as it was: drop it.
-- +goose StatementBegin
CREATE TRIGGER client_edited
AFTER UPDATE OF access_id, name, endpoint, serial_digits, pbx, calling, enabled ON client
WHEN NEW.crc IS OLD.crc
BEGIN
    UPDATE client SET crc = NULL WHERE access_id = NEW.access_id;
END;
-- +goose StatementEnd

-- What was changed, when, and by whom. before and after are JSON objects.
CREATE TABLE change (
    id        INTEGER PRIMARY KEY,
    revision  INTEGER NOT NULL,
    at        TEXT    NOT NULL, -- RFC 3339, UTC
    who       TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    access_id TEXT    NOT NULL,
    before    TEXT,
    after     TEXT
) STRICT;

CREATE INDEX change_access_id ON change (access_id, id);

-- One row. Every write raises revision; lineage tells one database from another
-- that was made anew, and stays the same in all copies of it.
CREATE TABLE table_state (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    lineage  TEXT    NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO table_state (one, lineage, revision) VALUES (1, lower(hex(randomblob(16))), 0);
