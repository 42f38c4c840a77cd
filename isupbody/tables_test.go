package isupbody_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"sipid/isupbody"
)

// table loads a CSV file of the specification, keyed by the code in its first column.
func table(t *testing.T, name string) map[uint8][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[uint8][]string{}
	for _, row := range rows[1:] {
		code, err := strconv.ParseUint(row[0], 0, 8)
		if err != nil {
			t.Fatal(err)
		}
		byCode[uint8(code)] = row
	}
	if len(byCode) < 40 {
		t.Fatalf("%s: only %d rows", name, len(byCode))
	}
	return byCode
}

// TestMessageTable compares the message types with the specification's table,
// both ways.
func TestMessageTable(t *testing.T) {
	rows := table(t, "messages.csv")
	for code := range 256 {
		typ := isupbody.MessageType(code)
		row, ok := rows[uint8(code)]
		if ok != typ.Known() {
			t.Errorf("%#02x: in the table %v, known %v", code, ok, typ.Known())
		}
		if !ok {
			continue
		}
		fixed, variable, optional := isupbody.LayoutRow(typ)
		got := []string{row[0], typ.String(), typ.Title(), strings.TrimSpace(fixed), strings.TrimSpace(variable), optional}
		if strings.Join(got, ",") != strings.Join(row, ",") {
			t.Errorf("got  %q\nwant %q", got, row)
		}
	}
}

// TestParameterTable compares the parameter names with the specification's
// table, both ways.
func TestParameterTable(t *testing.T) {
	rows := table(t, "parameters.csv")
	for code := range 256 {
		name := isupbody.ParameterName(code)
		row, ok := rows[uint8(code)]
		if !ok {
			if want := "unknown_" + strconv.Itoa(code); code < 0xC2 && name.String() != want {
				t.Errorf("%#02x is %q, and not in the table", code, name)
			}
			continue
		}
		if name.String() != row[1] || name.Clause() != row[2] {
			t.Errorf("%#02x is %q, clause %q, want %q", code, name, name.Clause(), row[1:])
		}
	}
}

// TestTsharkKnowsNoMore looks up every parameter that tshark has a name for.
func TestTsharkKnowsNoMore(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is not installed: scripts/test installs it, or apt-get install tshark")
	}
	out, err := exec.Command(tshark, "-G", "values").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[uint8]bool{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 4 || f[1] != "isup.parameter_type" || f[3] == "Not used" {
			continue
		}
		if code, err := strconv.ParseUint(f[2], 0, 8); err == nil {
			known[uint8(code)] = true
		}
	}
	if len(known) < 80 {
		t.Fatalf("tshark knows only %d parameters", len(known))
	}
	for code := range known {
		if strings.HasPrefix(isupbody.ParameterName(code).In(isupbody.VariantANSI), "unknown") {
			t.Errorf("tshark knows parameter %#02x", code)
		}
	}
}
