package router_test

import (
	"errors"
	"strings"
	"testing"

	"sipid/router"
)

func TestClientValidate(t *testing.T) {
	for name, change := range map[string]func(*router.Client){
		"as it is":                    func(*router.Client) {},
		"access ID of 15 digits":      func(c *router.Client) { c.AccessID = "000000000000001" },
		"serial of 32 digits":         func(c *router.Client) { c.SerialDigits = 32 },
		"Chinese name":                func(c *router.Client) { c.Name = "杭州总机" },
		"name with control character": func(c *router.Client) { c.Name = "a\u0085b\x00\r\nc" },
		"name like a parameter":       func(c *router.Client) { c.Name = ";param=1" },
		"name with a comma":           func(c *router.Client) { c.Name = ",second" },
		"postgres endpoint":           func(c *router.Client) { c.Endpoint = "postgres://db.example:5432/vas?sslmode=require" },
		"sip endpoint":                func(c *router.Client) { c.Endpoint = "sip:vas.example" },
		"at sign in the path":         func(c *router.Client) { c.Endpoint = "https://a.example/@b" },
		"opaque endpoint":             func(c *router.Client) { c.Endpoint = "mailto:a@b.example" },
		"PBX group":                   func(c *router.Client) { c.PBX = "hangzhou-1" },
		"calling numbers":             func(c *router.Client) { c.Calling = []string{"057188001234", "+8657188001234"} },
		"disabled":                    func(c *router.Client) { c.Enabled = false },
	} {
		t.Run("OK "+name, func(t *testing.T) {
			c := row("1001")
			change(&c)
			if err := c.Validate(); err != nil {
				t.Errorf("Validate: %v", err)
			}
		})
	}
}

func TestClientValidateErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		field  string
		change func(*router.Client)
	}{
		"no access ID":             {"access_id", func(c *router.Client) { c.AccessID = "" }},
		"access ID of 16 digits":   {"access_id", func(c *router.Client) { c.AccessID = "0000000000000001" }},
		"access ID with a letter":  {"access_id", func(c *router.Client) { c.AccessID = "10A1" }},
		"access ID in other signs": {"access_id", func(c *router.Client) { c.AccessID = "१००१" }},
		"no name":                  {"name", func(c *router.Client) { c.Name = "" }},
		"name too long":            {"name", func(c *router.Client) { c.Name = strings.Repeat("x", 70000) }},
		"name in another charset":  {"name", func(c *router.Client) { c.Name = "\xba\xbc\xd6\xdd" }},
		"name with space behind":   {"name", func(c *router.Client) { c.Name = "trailing " }},
		"no endpoint":              {"endpoint", func(c *router.Client) { c.Endpoint = "" }},
		"relative endpoint":        {"endpoint", func(c *router.Client) { c.Endpoint = "a.example/sipid" }},
		"endpoint without scheme":  {"endpoint", func(c *router.Client) { c.Endpoint = "://a.example" }},
		"scheme begins with digit": {"endpoint", func(c *router.Client) { c.Endpoint = "1a://b" }},
		"endpoint of scheme only":  {"endpoint", func(c *router.Client) { c.Endpoint = "https://" }},
		"user in the endpoint":     {"endpoint", func(c *router.Client) { c.Endpoint = "https://u:p@a.example/" }},
		"user behind a query":      {"endpoint", func(c *router.Client) { c.Endpoint = "postgres://u@a.example?x=/" }},
		"user in a sip endpoint":   {"endpoint", func(c *router.Client) { c.Endpoint = "SIP:vas@a.example" }},
		"endpoint with CR LF":      {"endpoint", func(c *router.Client) { c.Endpoint = "https://a.example/\r\nX-Serial: 1" }},
		"endpoint with U+0085":     {"endpoint", func(c *router.Client) { c.Endpoint = "https://a.example/\u0085" }},
		"endpoint with a space":    {"endpoint", func(c *router.Client) { c.Endpoint = "https://a.example/a b" }},
		"endpoint too long":        {"endpoint", func(c *router.Client) { c.Endpoint = "https://" + strings.Repeat("x", 2000) }},
		"no serial digits":         {"serial_digits", func(c *router.Client) { c.SerialDigits = 0 }},
		"serial of 33 digits":      {"serial_digits", func(c *router.Client) { c.SerialDigits = 33 }},
		"PBX group with a space":   {"pbx", func(c *router.Client) { c.PBX = "a b" }},
		"PBX group with U+0085":    {"pbx", func(c *router.Client) { c.PBX = "a\u0085" }},
		"calling with a letter":    {"calling", func(c *router.Client) { c.Calling = []string{"1", "x"} }},
		"calling empty":            {"calling", func(c *router.Client) { c.Calling = []string{"+"} }},
	} {
		t.Run(name, func(t *testing.T) {
			c := row("1001")
			tc.change(&c)
			var field *router.FieldError
			err := c.Validate()
			if !errors.As(err, &field) || field.Field != tc.field {
				t.Fatalf("Validate: %v, want a fault of %s", err, tc.field)
			}
			if len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("the error is no readable line: %.400q", err)
			}
		})
	}
}

func TestClientEqual(t *testing.T) {
	a := row("1001")
	a.Calling = []string{"1", "2"}
	for name, change := range map[string]func(*router.Client){
		"access ID": func(c *router.Client) { c.AccessID = "1" },
		"name":      func(c *router.Client) { c.Name = "x" },
		"endpoint":  func(c *router.Client) { c.Endpoint = "x:y" },
		"serial":    func(c *router.Client) { c.SerialDigits++ },
		"PBX":       func(c *router.Client) { c.PBX = "x" },
		"calling":   func(c *router.Client) { c.Calling = []string{"2", "1"} },
		"enabled":   func(c *router.Client) { c.Enabled = false },
	} {
		b := a
		if !a.Equal(&b) {
			t.Error("a copy is not equal")
		}
		if change(&b); a.Equal(&b) {
			t.Errorf("%s differs and is not seen", name)
		}
	}
}

// TestColumnValues puts hostile values into every text column: the row is
// refused, or each header stays one line.
func TestColumnValues(t *testing.T) {
	for _, v := range []string{
		"evil\r\nX-Serial: 1", "evil\nx", "evil\rx", "evil\x00x", "a\u0085b", "a\u2028b", "\xff\xfe", "%0d%0a", "%", "\x1b[31m",
		";param=1", ",second", "trailing ", "<>\"", "\t", strings.Repeat("x", 70000),
	} {
		for column, set := range map[string]func(*router.Client){
			"access_id": func(c *router.Client) { c.AccessID = v },
			"name":      func(c *router.Client) { c.Name = v },
			"endpoint":  func(c *router.Client) { c.Endpoint = v },
			"in URI":    func(c *router.Client) { c.Endpoint = "https://a.example/" + v },
			"pbx":       func(c *router.Client) { c.PBX = v },
			"calling":   func(c *router.Client) { c.Calling = []string{v} },
		} {
			c := row("1001")
			set(&c)
			if c.Validate() != nil {
				continue
			}
			r := newRouter(t, config(), c)
			var d router.Decision
			r.Route(r.Trunks()[0], &router.Signals{ISUP: [][]byte{original(t, "100100000042")}}, &d)
			headers, err := d.AppendHeaders(nil)
			if err != nil {
				t.Errorf("%s %.20q: AppendHeaders: %v", column, v, err)
			}
			checkHeaderLines(t, column, string(headers))
		}
	}
}

func checkHeaderLines(t *testing.T, column, headers string) {
	t.Helper()
	lines := strings.SplitAfter(headers, "\r\n")
	if len(lines) != 7 || lines[6] != "" {
		t.Errorf("%s: %d lines of headers:\n%q", column, len(lines)-1, headers)
	}
	for _, l := range lines[:len(lines)-1] {
		if l = strings.TrimSuffix(l, "\r\n"); strings.ContainsAny(l, "\r\n\x00\u0085") {
			t.Errorf("%s: header line %q", column, l)
		}
	}
}
