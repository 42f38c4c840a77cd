-- +goose Up

-- "sipe" in ASCII: tells our events database from any other SQLite file.
PRAGMA application_id = 1936289893;

-- Which call was shown to whom. What was shown of the user is not here.
CREATE TABLE showing (
    id        INTEGER PRIMARY KEY,
    at        TEXT    NOT NULL, -- RFC 3339, UTC
    who       TEXT    NOT NULL, -- who looked
    agent     TEXT    NOT NULL, -- whose pop it was
    call_id   TEXT    NOT NULL,
    access_id TEXT    NOT NULL, -- empty: not identified
    serial    TEXT    NOT NULL, -- masked but for its end
    data      INTEGER NOT NULL CHECK (data IN (0, 1)) -- the user's data were on it
) STRICT;

CREATE INDEX showing_agent ON showing (agent, at, id);
CREATE INDEX showing_at ON showing (at, id);
