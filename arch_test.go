// Package sipid_test holds what is true of the whole module. Here: packages
// import downwards only, and siblings never import each other.
package sipid_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "sipid"

// arrows says which of the module's packages each package may import, "bench/*"
// stands for every folder in bench. A package that is not here may not exist:
// decide its level when it is made.
var arrows = map[string][]string{
	// 0: codecs, for anybody
	"sipi":     {},
	"isupbody": {},
	"sipmsg":   {},
	"q850":     {},
	// 1: what people see of the codecs
	"decode": {"sipi", "isupbody", "sipmsg", "q850"},
	// 0: lists on a terminal, for the command line
	"listing": {},
	// 0: answers over HTTP
	"httpjson": {},
	// 1: where a call goes
	"router":            {"isupbody", "sipmsg", "q850"},
	"router/routertest": {"router", "isupbody"},
	"record":            {"router"},
	"clientfile":        {"router"},
	// 2: what is done
	"transport":               {"sipmsg"},
	"locator":                 {"router"},
	"pbx":                     {"router", "transport"},
	"proxy":                   {"router", "record", "transport", "pbx", "sipi", "isupbody", "sipmsg", "q850"},
	"vas":                     {"httpjson", "router", "sipi", "isupbody", "sipmsg"},
	"screenpop":               {"httpjson", "router", "sipi", "isupbody", "sipmsg"},
	"vas/vastest":             {"vas"},
	"screenpop/screenpoptest": {"screenpop"},
	"vas/pgtable":             {"vas"},
	// 3: what is shown of calls
	"report": {"proxy", "transport", "record", "router", "decode", "sipi", "isupbody", "sipmsg"},
	// 3: stores, for what the packages above declare
	"sqlite":   {"router", "vas", "screenpop"},
	"postgres": {"router", "vas", "screenpop"},
	// peers for tests and demo
	"internal/sipsim": {"isupbody", "sipi"},
	"internal/trial":  {"internal/sipsim", "decode", "isupbody"},
	"internal/demo": {
		"daemon", "config", "sqlite", "vas", "screenpop", "router", "decode", "sipi", "sipmsg", "internal/trial", "internal/sipsim",
	},
	// 3: what the operator wrote, in the types of the packages above
	"config": {"router", "pbx", "locator", "screenpop", "vas", "vas/pgtable", "isupbody", "sipmsg", "q850"},
	// 4: what is served of it over HTTP
	"api": {"httpjson", "report", "screenpop", "pbx", "record", "router"},
	// 5: what runs
	"daemon": {
		"api", "config", "report", "sqlite", "screenpop", "vas", "vas/pgtable", "proxy", "pbx", "locator",
		"transport", "record", "router", "sipmsg",
	},
	"daemon/daemontest": {"daemon", "api", "config", "internal/sipsim"},
	// 6: the binary, and what tests and measures all of it
	"cmd/sipid": {anything},
	"bench/*":   {anything},
	"e2e":       {anything},
}

const anything = "*"

// alone lists the packages that import only the standard library and their
// arrows: they are what others would import, and what hostile octets meet.
var alone = []string{"sipi", "isupbody", "sipmsg", "q850", "httpjson", "router", "router/routertest", "record", "clientfile"}

// blind lists what must not be reached from a package, by any way: these decide
// and decode, they do not wait for anything.
var blind = map[string][]string{
	"sipi":     {"net", "net/http", "database/sql", "log/slog"},
	"isupbody": {"net", "net/http", "database/sql", "log/slog", "net/netip"},
	"sipmsg":   {"net", "net/http", "database/sql", "log/slog"},
	"q850":     {"net", "net/http", "database/sql", "log/slog", "net/netip"},
	"router":   {"net", "net/http", "database/sql", "log/slog"},
}

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

func TestImportArrows(t *testing.T) {
	packages := listPackages(t)
	own := 0
	for _, p := range packages {
		if _, ok := folder(p.ImportPath); ok {
			own++
		}
	}
	if own < 5 {
		t.Fatalf("go list found %d packages of %s, at least 5 are there", own, module)
	}
	for _, fault := range faults(packages) {
		t.Error(fault)
	}
}

// TestImportArrowsCanFail gives the check what it has to refuse.
func TestImportArrowsCanFail(t *testing.T) {
	std := []goPackage{{ImportPath: "net", Standard: true}, {ImportPath: "fmt", Standard: true}}
	for name, p := range map[string]goPackage{
		"sibling":         {ImportPath: "sipid/sipi", Imports: []string{"sipid/isupbody"}},
		"upwards":         {ImportPath: "sipid/router", Imports: []string{"sipid/proxy"}},
		"not its level":   {ImportPath: "sipid/sqlite", Imports: []string{"sipid/proxy"}},
		"test peers":      {ImportPath: "sipid/proxy", Imports: []string{"sipid/internal/sipsim"}},
		"the binary":      {ImportPath: "sipid/internal/sipsim", Imports: []string{"sipid/cmd/sipid"}},
		"library":         {ImportPath: "sipid/router", Imports: []string{"github.com/emiago/sipgo/sip"}},
		"network":         {ImportPath: "sipid/isupbody", Imports: []string{"fmt"}, Deps: []string{"fmt", "net"}},
		"unknown package": {ImportPath: "sipid/util", Imports: []string{"fmt"}},
	} {
		if got := faults(append(std, p)); len(got) != 1 {
			t.Errorf("%s: %q, want one fault", name, got)
		}
	}
	good := goPackage{ImportPath: "sipid/router", Imports: []string{"fmt", "sipid/sipmsg"}, Deps: []string{"fmt", "sipid/sipmsg"}}
	if got := faults(append(std, good)); len(got) != 0 {
		t.Errorf("a good package has faults: %q", got)
	}
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	readTree(t)
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports,Deps", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("%v: %v", cmd, err)
		}
		packages = append(packages, p)
	}
}

// readTree looks at every folder: `go test` keeps the result of a test until
// something the test itself looked at changes, and go list is another process.
func readTree(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// folder gives the folder of one of the module's packages.
func folder(importPath string) (string, bool) {
	return strings.CutPrefix(importPath, module+"/")
}

func faults(packages []goPackage) []string {
	standard := map[string]bool{"C": true, "unsafe": true}
	for _, p := range packages {
		standard[p.ImportPath] = standard[p.ImportPath] || p.Standard
	}
	var list []string
	for _, p := range packages {
		name, ok := folder(p.ImportPath)
		if !ok {
			continue
		}
		allowed, known := arrows[name]
		if !known {
			allowed, known = arrows[path.Dir(name)+"/*"]
		}
		if !known {
			list = append(list, fmt.Sprintf("package %s has no place in the table of arrows", name))
			continue
		}
		for _, imported := range p.Imports {
			if fault := arrow(name, imported, allowed, standard); fault != "" {
				list = append(list, fault)
			}
		}
		for _, far := range blind[name] {
			if slices.Contains(p.Deps, far) {
				list = append(list, fmt.Sprintf("%s reaches %s", name, far))
			}
		}
	}
	return list
}

func arrow(name, imported string, allowed []string, standard map[string]bool) string {
	if target, ours := folder(imported); ours {
		if slices.Contains(allowed, anything) || slices.Contains(allowed, target) {
			return ""
		}
		return fmt.Sprintf("%s imports %s, it may import %q of this module", name, target, allowed)
	}
	if slices.Contains(alone, name) && !standard[imported] {
		return fmt.Sprintf("%s imports %s, it may import the standard library only", name, imported)
	}
	return ""
}
