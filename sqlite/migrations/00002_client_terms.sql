-- +goose Up

ALTER TABLE client ADD COLUMN valid_from     TEXT    NOT NULL DEFAULT ''; -- a day or RFC 3339; empty: open
ALTER TABLE client ADD COLUMN valid_to       TEXT    NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN max_cps        REAL    NOT NULL DEFAULT 0;  -- calls per second; 0: no limit
ALTER TABLE client ADD COLUMN max_calls      INTEGER NOT NULL DEFAULT 0;  -- calls at the same time; 0: no limit
ALTER TABLE client ADD COLUMN header_profile TEXT    NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN notes          TEXT    NOT NULL DEFAULT '';

-- As before, for the new columns too.
DROP TRIGGER client_edited;

-- +goose StatementBegin
CREATE TRIGGER client_edited
AFTER UPDATE OF access_id, name, endpoint, serial_digits, pbx, calling, enabled,
    valid_from, valid_to, max_cps, max_calls, header_profile, notes ON client
WHEN NEW.crc IS OLD.crc
BEGIN
    UPDATE client SET crc = NULL WHERE access_id = NEW.access_id;
END;
-- +goose StatementEnd
