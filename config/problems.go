package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Problem is one broken rule: which field, and what is wrong with it.
type Problem struct {
	Path string // as in "trunks[0].sources[1]"
	Rule string
}

// problems collects everything that is wrong, so that an operator corrects a
// file once and not once for each mistake. Warnings do not stop the start.
type problems struct {
	errors   []Problem
	warnings []Problem
}

func (p *problems) add(path, format string, args ...any) {
	p.errors = append(p.errors, Problem{path, fmt.Sprintf(format, args...)})
}

func (p *problems) warn(path, format string, args ...any) {
	p.warnings = append(p.warnings, Problem{path, fmt.Sprintf(format, args...)})
}

// place says where a field is written, for people.
type place func(path string) string

// inFile names fields by file, line and path. A field that is not there is
// shown at the nearest one around it.
func inFile(name string, tree *ast.File) place {
	return func(path string) string {
		for at := path; at != ""; at = parentPath(at) {
			if line := lineOf(tree, at); line > 0 {
				return fmt.Sprintf("%s:%d: %s", name, line, path)
			}
		}
		return name + ": " + path
	}
}

// onCommandLine names fields by the flag they came from.
func onCommandLine(path string) string {
	flags := []struct{ prefix, flag string }{
		{"listen", "--listen"},
		{"pbx_groups[0].targets", "--pbx"},
		{"http", "--http"},
		{"db", "--db"},
		{"key_file", "--key-file"},
		{"drain_timeout", "--drain-timeout"},
		{"log.level", "--log-level"},
		{"log.format", "--log-format"},
	}
	for _, f := range flags {
		if strings.HasPrefix(path, f.prefix) {
			return f.flag
		}
	}
	return path
}

func lineOf(tree *ast.File, path string) int {
	at, err := yaml.PathString("$." + path)
	if err != nil {
		return 0
	}
	node, err := at.FilterFile(tree)
	if err != nil || node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}

func parentPath(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

// describe renders a list of problems, one a line.
func describe(list []Problem, where place) string {
	lines := make([]string, len(list))
	for i, p := range list {
		lines[i] = where(p.Path) + ": " + p.Rule
	}
	return strings.Join(lines, "\n")
}
