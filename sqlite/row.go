package sqlite

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"strings"

	"sipid/router"
)

// columns is the order in which scanClient reads a row and clientValues gives one.
const columns = firstColumns + `, ` + termColumns

// The columns that every row fills, and those of migration 2.
const (
	firstColumns = `access_id, name, endpoint, serial_digits, pbx, calling, enabled, crc`
	termColumns  = `valid_from, valid_to, max_cps, max_calls, header_profile, notes`
)

// scanner is a row of a result.
type scanner interface {
	Scan(dest ...any) error
}

// scanClient reads the columns of one row and checks its checksum.
func scanClient(row scanner) (router.Client, error) {
	var c router.Client
	var calling, from, to string
	var crc sql.NullInt64
	err := row.Scan(&c.AccessID, &c.Name, &c.Endpoint, &c.SerialDigits, &c.PBX, &calling, &c.Enabled, &crc,
		&from, &to, &c.MaxCPS, &c.MaxCalls, &c.HeaderProfile, &c.Notes)
	if err == nil {
		err = setDates(&c, from, to)
	}
	if err != nil {
		return router.Client{}, err
	}
	c.Calling = splitCalling(calling)
	if crc.Valid && crc.Int64 != checksum(&c) {
		return router.Client{}, errChecksum(c.AccessID)
	}
	return c, nil
}

// setDates reads the two columns of a row's validity.
func setDates(c *router.Client, from, to string) (err error) {
	if c.ValidFrom, err = router.ParseMoment(from); err != nil {
		return &router.FieldError{Field: "valid_from", Rule: err.Error()}
	}
	if c.ValidTo, err = router.ParseMoment(to); err != nil {
		return &router.FieldError{Field: "valid_to", Rule: err.Error()}
	}
	return nil
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
	return []any{
		c.AccessID, c.Name, c.Endpoint, c.SerialDigits, c.PBX, strings.Join(c.Calling, " "), c.Enabled, checksum(c),
		c.ValidFrom.String(), c.ValidTo.String(), c.MaxCPS, c.MaxCalls, c.HeaderProfile, c.Notes,
	}
}

// checksum is the CRC-32C of all columns, each behind its length, so that no
// two rows run together to the same octets. The columns of migration 2 count
// where one is set: rows from before it keep the checksum they have.
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
	if hasTerms(c) {
		b = appendTerms(b, c)
	}
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

func hasTerms(c *router.Client) bool {
	return c.ValidFrom|c.ValidTo != 0 || c.MaxCPS != 0 || c.MaxCalls != 0 || c.HeaderProfile != "" || c.Notes != ""
}

func appendTerms(b []byte, c *router.Client) []byte {
	for _, n := range [...]int64{int64(c.ValidFrom), int64(c.ValidTo), int64(c.MaxCalls)} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, math.Float64bits(c.MaxCPS))
	for _, s := range [...]string{c.HeaderProfile, c.Notes} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}
