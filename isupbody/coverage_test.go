package isupbody_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"

	"sipid/isupbody"
)

var updateCoverage = flag.Bool("update-coverage", false, "rewrite docs/isup-coverage.md")

const coverageFile = "../docs/isup-coverage.md"

// TestCoverageTable keeps the table in docs equal to what the code can do.
func TestCoverageTable(t *testing.T) {
	got := coverageTable(t)
	if *updateCoverage {
		if err := os.WriteFile(coverageFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(coverageFile)
	if err != nil || got != string(want) {
		t.Errorf("%s is not what the code does (%v): go test ./isupbody -run CoverageTable -update-coverage", coverageFile, err)
	}
}

func coverageTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# ISUP: what package isupbody reads and writes

Made from the code by ` + "`go test ./isupbody -run CoverageTable -update-coverage`" + `; a test keeps both equal.

Every message below is decoded, edited by splicing (but for the opaque ones) and written with ` + "`Draft`" + `, every
parameter is kept with its octets, its order and its repetitions. Parameters whose last column is
"octets" have a name and no reader for what is in them.

## Messages

| code | message | | fixed part | variable part | optional part | in SIP-I |
|---|---|---|---|---|---|---|
`)
	inSIPI := map[isupbody.MessageType]bool{}
	for _, typ := range sipiTypes {
		inSIPI[typ] = true
	}
	for code := range 256 {
		typ := isupbody.MessageType(code)
		if !typ.Known() {
			continue
		}
		fixed, variable, optional := isupbody.LayoutRow(typ)
		sip := ""
		if inSIPI[typ] {
			sip = "yes"
		}
		fmt.Fprintf(&b, "| %02X | %v | %s |%s |%s | %s | %s |\n", code, typ, typ.Title(), fixed, variable, optional, sip)
	}
	b.WriteString("\nThe IAM of ANSI T1.113 has no transmission_medium_requirement; its variable part is\nuser_service_information, called_party_number.\n" +
		"\n## Parameters\n\n| code | parameter | in ANSI T1.113 | clause | read as | subfields |\n|---|---|---|---|---|---|\n")
	for code := range 256 {
		name := isupbody.ParameterName(code)
		itu, ansi := name.String(), name.In(isupbody.VariantANSI)
		if strings.HasPrefix(ansi, "unknown") {
			continue
		}
		if strings.HasPrefix(itu, "unknown") {
			itu = ""
		}
		if ansi == itu {
			ansi = ""
		}
		typ, subfields := coverageOf(t, name)
		fmt.Fprintf(&b, "| %02X | %s | %s | %s | %s | %s |\n", code, itu, ansi, name.Clause(), typ, subfields)
	}
	return b.String()
}

// coverageOf gives the type that reads a parameter, and its subfields.
func coverageOf(t *testing.T, name isupbody.ParameterName) (typ, subfields string) {
	t.Helper()
	if name.IsNumber() {
		return "Number", strings.Join(isupbody.NumberFieldNames(name), ", ")
	}
	read, ok := readers[name]
	if !ok {
		return "octets", ""
	}
	v, err := read(isupbody.Parameter{Name: name, Contents: []byte{0x80, 0x80, 0x80, 0x80}})
	if err != nil {
		t.Fatalf("%v: %v", name, err)
	}
	rt := reflect.TypeOf(v)
	return rt.Name(), strings.Join(subfieldsOf(rt), ", ")
}

// subfieldsOf gives the fields of a struct, and otherwise what its methods tell.
func subfieldsOf(rt reflect.Type) []string {
	var names []string
	if rt.Kind() == reflect.Struct {
		for i := range rt.NumField() {
			names = append(names, rt.Field(i).Name)
		}
		return names
	}
	for i := range rt.NumMethod() {
		name := rt.Method(i).Name
		if !strings.HasPrefix(name, "With") && !strings.HasPrefix(name, "Append") && name != "String" && name != "For" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// TestReaders holds that every reader of contents is in the table of readers, and
// with it in the coverage table and the random messages.
func TestReaders(t *testing.T) {
	have := map[string]bool{"Number": true}
	for _, read := range readers {
		v, _ := read(isupbody.Parameter{Contents: []byte{0x80, 0x80, 0x80, 0x80}})
		have[reflect.TypeOf(v).Name()] = true
	}
	rt := reflect.TypeFor[isupbody.Parameter]()
	for i := range rt.NumMethod() {
		m := rt.Method(i)
		if m.Type.NumOut() == 2 && !have[m.Type.Out(0).Name()] {
			t.Errorf("Parameter.%s is not among the readers", m.Name)
		}
	}
}
