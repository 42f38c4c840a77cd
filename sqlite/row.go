package sqlite

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"sipid/router"
)

// columns is the order in which scanClient reads a row and clientValues gives one.
const columns = `access_id, name, endpoint, serial_digits, pbx, calling, enabled, crc`

// scanner is a row of a result.
type scanner interface {
	Scan(dest ...any) error
}

// scanClient reads the columns of one row and checks its checksum.
func scanClient(row scanner) (router.Client, error) {
	var c router.Client
	var calling string
	var crc sql.NullInt64
	err := row.Scan(&c.AccessID, &c.Name, &c.Endpoint, &c.SerialDigits, &c.PBX, &calling, &c.Enabled, &crc)
	if err != nil {
		return router.Client{}, err
	}
	c.Calling = splitCalling(calling)
	if crc.Valid && crc.Int64 != checksum(&c) {
		return router.Client{}, errChecksum(c.AccessID)
	}
	return c, nil
}

func splitCalling(calling string) []string {
	if calling == "" {
		return nil
	}
	return strings.Split(calling, " ")
}

func errChecksum(accessID string) error {
	return fmt.Errorf("%w: row %q does not match its checksum", ErrCorrupt, accessID)
}

// clientValues gives the values of the columns.
func clientValues(c *router.Client) []any {
	return []any{c.AccessID, c.Name, c.Endpoint, c.SerialDigits, c.PBX, strings.Join(c.Calling, " "), c.Enabled, checksum(c)}
}

// checksum is the CRC-32C of all columns, each behind its length, so that no
// two rows run together to the same octets.
func checksum(c *router.Client) int64 {
	var room [512]byte
	b := room[:0]
	for _, s := range [...]string{c.AccessID, c.Name, c.Endpoint, c.PBX, strings.Join(c.Calling, " ")} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.AppendVarint(b, int64(c.SerialDigits))
	if c.Enabled {
		b = append(b, 1)
	}
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}
