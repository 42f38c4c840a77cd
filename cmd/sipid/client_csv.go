package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sipid/router"
)

// The columns of the client file (new ones are optional and appended).
// The first three must be there.
func clientColumns() []string {
	return []string{
		"access_id", "name", "endpoint", "serial_digits", "pbx", "calling", "enabled",
		"valid_from", "valid_to", "max_cps", "max_calls", "header_profile", "notes",
	}
}

const (
	obligatoryColumns = 3
	firstColumns      = 7 // those behind were appended later
)

// clientRecord is a client as the fields of its row.
func clientRecord(c *router.Client) []string {
	return []string{
		c.AccessID, c.Name, c.Endpoint, strconv.Itoa(c.SerialDigits), c.GroupName(),
		strings.Join(c.Calling, " "), strconv.FormatBool(c.Enabled),
		c.ValidFrom.String(), c.ValidTo.String(), limitText(c.MaxCPS), limitText(float64(c.MaxCalls)), c.HeaderProfile, c.Notes,
	}
}

// limitText shows no limit as an empty field.
func limitText(limit float64) string {
	if limit == 0 {
		return ""
	}
	return strconv.FormatFloat(limit, 'f', -1, 64)
}

// clientFile is what a CSV file says, with the row each client stands on.
type clientFile struct {
	clients []router.Client
	rows    []int
}

// readClientFile reads and checks every row by itself. Errors carry the row.
func readClientFile(text []byte) (*clientFile, error) {
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	if err := checkUTF8(text); err != nil {
		return nil, err
	}
	r := newCSVReader(text)
	header, row, err := r.next()
	if err == io.EOF {
		return nil, errors.New("the file is empty, a header row is required")
	}
	if err == nil {
		err = checkHeader(header)
	}
	if err != nil {
		return nil, inRow(row, err)
	}
	return readClientRows(r, header)
}

func readClientRows(r *csvReader, header []string) (*clientFile, error) {
	file := &clientFile{}
	seen := map[string]int{}
	for {
		fields, row, err := r.next()
		if err == io.EOF {
			return file, nil
		}
		if err != nil {
			return nil, inRow(row, err)
		}
		client, err := parseClient(header, fields)
		if err != nil {
			return nil, inRow(row, err)
		}
		if first := seen[client.AccessID]; first > 0 {
			return nil, inRow(row, fmt.Errorf("access_id: %q is in row %d already", client.AccessID, first))
		}
		seen[client.AccessID] = row
		file.clients = append(file.clients, client)
		file.rows = append(file.rows, row)
	}
}

func inRow(row int, err error) error { return fmt.Errorf("row %d: %w", row, err) }

// checkUTF8 says in which row a file is something else, and what to do.
func checkUTF8(text []byte) error {
	if utf8.Valid(text) {
		return nil
	}
	row := 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			row++
		}
		text = text[n:]
	}
	return inRow(row, errors.New(`not UTF-8; in a spreadsheet, save the file as "CSV UTF-8"`))
}

func checkHeader(header []string) error {
	known := clientColumns()
	for i, name := range header {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown column %q; known are %s", name, strings.Join(known, ", "))
		}
		if slices.Contains(header[:i], name) {
			return fmt.Errorf("column %q is there twice", name)
		}
	}
	for _, name := range known[:obligatoryColumns] {
		if !slices.Contains(header, name) {
			return fmt.Errorf("column %q is missing", name)
		}
	}
	return nil
}

// parseClient reads one record; an empty field is as good as a missing column.
func parseClient(header, fields []string) (router.Client, error) {
	c := router.Client{SerialDigits: router.DefaultSerialDigits, PBX: router.DefaultGroupName, Enabled: true}
	if len(fields) != len(header) {
		return c, fmt.Errorf("%d fields where the header has %d", len(fields), len(header))
	}
	for i, name := range header {
		if err := setColumn(&c, name, fields[i]); err != nil {
			return c, &router.FieldError{Field: name, Rule: err.Error()}
		}
	}
	return c, c.Validate()
}

func setColumn(c *router.Client, name, value string) (err error) {
	if value == "" {
		return nil
	}
	switch name {
	case "access_id":
		c.AccessID = value
	case "name":
		c.Name = value
	case "endpoint":
		c.Endpoint = value
	case "serial_digits":
		if c.SerialDigits, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("%q is no number", value)
		}
	case "pbx":
		c.PBX = value
	case "calling":
		c.Calling = strings.Fields(value)
	case "enabled":
		if c.Enabled, err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
	default:
		return setTerm(c, name, value)
	}
	return nil
}

// setTerm reads the columns that say when, how often and how a client may call.
func setTerm(c *router.Client, name, value string) (err error) {
	switch name {
	case "valid_from":
		c.ValidFrom, err = router.ParseMoment(value)
	case "valid_to":
		c.ValidTo, err = router.ParseMoment(value)
	case "max_cps":
		if c.MaxCPS, err = strconv.ParseFloat(value, 64); err != nil {
			return fmt.Errorf("%q is no number", value)
		}
	case "max_calls":
		if c.MaxCalls, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("%q is no number", value)
		}
	case "header_profile":
		c.HeaderProfile = value
	case "notes":
		c.Notes = value
	}
	return err
}

// locate puts the rows to an error of the store that is about clients.
func (f *clientFile) locate(err error) error {
	var invalid *router.ClientError
	var conflict *router.PrefixError
	switch {
	case errors.As(err, &invalid) && invalid.Index < len(f.rows):
		return inRow(f.rows[invalid.Index], invalid.Err)
	case errors.As(err, &conflict):
		return fmt.Errorf("%w (%s, %s)", err, f.place(conflict.Shorter), f.place(conflict.Longer))
	}
	return err
}

func (f *clientFile) place(accessID string) string {
	i := slices.IndexFunc(f.clients, func(c router.Client) bool { return c.AccessID == accessID })
	if i < 0 {
		return "in the table"
	}
	return fmt.Sprintf("row %d", f.rows[i])
}
