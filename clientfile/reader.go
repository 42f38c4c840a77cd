package clientfile

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// What is no RFC 4180.
var (
	errCSVQuote = errors.New(`a quote (") within a field; quote the whole field and double the quote`)
	errCSVOpen  = errors.New(`a quoted field that begins here has no end`)
	errCSVAfter = errors.New(`text behind the closing quote (") of a field`)
)

// csvReader reads the records of RFC 4180, line ends CR LF or LF. encoding/csv
// is not enough: it turns CR LF within quotes into LF, so that a name with one
// in it would not come back from an export as it went in.
type csvReader struct {
	text []byte
	row  int // of the next record: 1 for the header
}

func newCSVReader(text []byte) *csvReader { return &csvReader{text: text, row: 1} }

// next gives the next record and the row it begins on, or io.EOF. Rows are
// lines of the file; empty ones are skipped, but counted.
func (r *csvReader) next() (fields []string, row int, err error) {
	for r.lineEnd() {
	}
	if len(r.text) == 0 {
		return nil, r.row, io.EOF
	}
	row = r.row
	for {
		field, err := r.field()
		if err != nil {
			return nil, row, err
		}
		fields = append(fields, field)
		if !bytes.HasPrefix(r.text, []byte(",")) {
			r.lineEnd()
			return fields, row, nil
		}
		r.text = r.text[1:]
	}
}

// lineEnd takes a line end, if one is next.
func (r *csvReader) lineEnd() bool {
	rest, ok := bytes.CutPrefix(r.text, []byte("\r\n"))
	if !ok {
		rest, ok = bytes.CutPrefix(r.text, []byte("\n"))
	}
	if ok {
		r.text = rest
		r.row++
	}
	return ok
}

// field takes one field, up to the comma or line end behind it.
func (r *csvReader) field() (string, error) {
	if bytes.HasPrefix(r.text, []byte(`"`)) {
		return r.quoted()
	}
	end := bytes.IndexAny(r.text, ",\n")
	if end < 0 {
		end = len(r.text)
	}
	field := r.text[:end]
	if end < len(r.text) && r.text[end] == '\n' {
		field = bytes.TrimSuffix(field, []byte("\r"))
	}
	if bytes.IndexByte(field, '"') >= 0 {
		return "", errCSVQuote
	}
	r.text = r.text[len(field):]
	return string(field), nil
}

// quoted takes a field in quotes; within, two quotes are one.
func (r *csvReader) quoted() (string, error) {
	var field strings.Builder
	rest := r.text[1:]
	for {
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			return "", errCSVOpen
		}
		field.Write(rest[:end])
		rest = rest[end+1:]
		if !bytes.HasPrefix(rest, []byte(`"`)) {
			break
		}
		field.WriteByte('"')
		rest = rest[1:]
	}
	if len(rest) > 0 && rest[0] != ',' && rest[0] != '\n' && !bytes.HasPrefix(rest, []byte("\r\n")) {
		return "", errCSVAfter
	}
	r.row += strings.Count(field.String(), "\n")
	r.text = rest
	return field.String(), nil
}
