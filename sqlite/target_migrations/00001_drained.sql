-- +goose Up

-- "sipt" in ASCII: tells our targets database from any other SQLite file.
PRAGMA application_id = 1936289908;

-- The PBX targets that an operator took out. A row is what was said last.
CREATE TABLE drained (
    pbx_group TEXT NOT NULL,
    uri       TEXT NOT NULL,
    at        TEXT NOT NULL, -- RFC 3339, UTC
    PRIMARY KEY (pbx_group, uri)
) STRICT, WITHOUT ROWID;
