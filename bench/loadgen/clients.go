package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// client is a row of the client table, as the agent PBX must see it.
type client struct {
	accessID     string
	name         string // as X-Client-Name carries it
	endpoint     string
	serialDigits int
}

const defaultSerialDigits = 8

// loadClients reads the CSV that `sipid client import` reads. Disabled rows are
// left out: a call for one is not resolved.
func loadClients(path string) ([]client, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := readClients(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

func readClients(r io.Reader) ([]client, error) {
	rows := csv.NewReader(r)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("header row: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for _, name := range []string{"access_id", "name", "endpoint"} {
		if !slices.Contains(header, name) {
			return nil, fmt.Errorf("no column %q in %q", name, header)
		}
	}
	var list []client
	for n := 2; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		c, enabled, err := oneClient(header, row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n, err)
		}
		if enabled {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("no clients")
	}
	return list, nil
}

func oneClient(header, row []string) (c client, enabled bool, err error) {
	c.serialDigits, enabled = defaultSerialDigits, true
	for i, v := range row {
		switch header[i] {
		case "access_id":
			c.accessID = v
		case "name":
			c.name = headerText(v)
		case "endpoint":
			c.endpoint = v
		case "serial_digits":
			if v != "" {
				c.serialDigits, err = strconv.Atoi(v)
			}
		case "enabled":
			enabled = v != "false" && v != "0"
		}
	}
	switch {
	case err != nil:
		return c, enabled, err
	case strings.Trim(c.accessID, "0123456789") != "" || c.accessID == "" || len(c.accessID) > maxDigits:
		err = fmt.Errorf("access_id %q is not decimal", c.accessID)
	case c.serialDigits < 1 || c.serialDigits > maxDigits:
		err = fmt.Errorf("serial_digits is %d, want 1 to %d", c.serialDigits, maxDigits)
	}
	return c, enabled, err
}

// maxDigits is what a serial in 63 bits can have.
const maxDigits = 18

// headerText is a name as it stands in X-Client-Name: raw UTF-8, with "%" and
// control characters percent-encoded.
func headerText(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
