package clientfile

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

// Columns are the columns of the client file (new ones are optional and appended).
// The first three must be there.
func Columns() []string {
	return []string{
		"access_id", "name", "endpoint", "serial_digits", "pbx", "calling", "enabled",
		"valid_from", "valid_to", "max_cps", "max_calls", "header_profile", "notes",
	}
}

const (
	obligatoryColumns = 3
	firstColumns      = 7 // those behind were appended later
)

// UsedColumns are the columns without the last ones that no client has anything
// in, for where there is little room. The first seven are always there.
func UsedColumns(clients []router.Client) []string {
	used := firstColumns
	for i := range clients {
		record := Record(&clients[i])
		for n := len(record); n > used; n-- {
			if record[n-1] != "" {
				used = n
			}
		}
	}
	return Columns()[:used]
}

// Record is a client as the fields of its row, one for each of Columns.
func Record(c *router.Client) []string {
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

// File is what a CSV file says, with the row each client stands on.
type File struct {
	Clients []router.Client
	rows    []int
}

// Read reads a file and checks every row by itself. Errors carry the row; rows
// are lines of the file.
func Read(text []byte) (*File, error) {
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

func readClientRows(r *csvReader, header []string) (*File, error) {
	file := &File{}
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
		file.Clients = append(file.Clients, client)
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
	known := Columns()
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
		return SetTerm(c, name, value)
	}
	return nil
}

// SetTerm reads one of the columns that say when, how often and how a client may
// call: those behind the first seven. Here an empty value is one.
func SetTerm(c *router.Client, name, value string) (err error) {
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

// Locate puts the rows to an error of the store that is about clients.
func (f *File) Locate(err error) error {
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

func (f *File) place(accessID string) string {
	i := slices.IndexFunc(f.Clients, func(c router.Client) bool { return c.AccessID == accessID })
	if i < 0 {
		return "in the table"
	}
	return fmt.Sprintf("row %d", f.rows[i])
}
