package screenpop

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Limits of what a client system may have shown: an agent reads it in seconds.
const (
	maxData   = 32 << 10
	maxFields = 64
)

// Field is one line of the user's data.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

var errNoObject = errors.New("no JSON object")

// parseFields reads a JSON object in the order it was written in. Values that
// are no text are shown as JSON; nothing is taken for markup.
func parseFields(raw json.RawMessage) ([]Field, error) {
	if len(raw) > maxData {
		return nil, &ClaimError{Reason: ReasonTooLarge}
	}
	notJSON := &ClaimError{Reason: ReasonNotJSON, Err: errNoObject}
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, notJSON
	}
	fields := []Field{}
	for d.More() {
		name, err := d.Token()
		text, isText := name.(string)
		var value json.RawMessage
		if err != nil || !isText || d.Decode(&value) != nil {
			return nil, notJSON
		}
		if len(fields) == maxFields {
			return nil, &ClaimError{Reason: ReasonTooLarge}
		}
		fields = append(fields, Field{Name: text, Value: fieldText(value)})
	}
	if _, err := d.Token(); err != nil {
		return nil, notJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON
	}
	return fields, nil
}

func fieldText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text // null too: an empty text
	}
	var compact bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return ""
	}
	return compact.String()
}
