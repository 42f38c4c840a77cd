package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sipid/config"
	"sipid/pbx"
	"sipid/router"
	"sipid/screenpop"
	"sipid/sqlite"
)

// Check is Serve without serving: it reads all that Serve would read and prints a
// summary with its warnings. The error says why Serve would not start.
func Check(ctx context.Context, f config.Flags, out io.Writer) error {
	if f.Config == "" {
		return fmt.Errorf("%s: no such file; name one with --config (without a file, serve works with flags alone)", config.DefaultFile)
	}
	s, err := config.Load(f)
	if err != nil {
		return err
	}
	r, err := s.Router()
	if err != nil {
		return err
	}
	names, err := s.Locator(nil, nil)
	if err != nil {
		return err
	}
	at, unknown, err := s.Locate(ctx, names)
	if err != nil {
		return err
	}
	if err := checkKey(s.KeyFile); err != nil {
		return err
	}
	certificate, err := checkTLS(s.TLS, time.Now())
	if err != nil {
		return err
	}
	if _, err := config.ReadTokens("http_tokens", s.HTTPTokens); err != nil {
		return err
	}
	if err := s.Screenpop.ReadTokens(new(screenpop.Options)); err != nil {
		return err
	}
	unset, err := s.Screenpop.Claims.Check()
	if err != nil {
		return err
	}
	clients, warnings, err := checkTable(ctx, s.DB, r)
	if err != nil {
		return err
	}
	warnings = append(unset, warnings...)
	if certificate != "" {
		warnings = append(warnings, certificate)
	}
	printSummary(out, s, at, clients)
	for _, w := range slices.Concat(s.Warnings, unknown, warnings) {
		fmt.Fprintln(out, "warning: "+w)
	}
	return nil
}

// checkKey reads the key file when there is one; serve makes it otherwise.
func checkKey(path string) error {
	_, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// checkTable counts the clients, and warns of those whose PBX group or header
// profile is not configured.
func checkTable(ctx context.Context, path string, r *router.Router) (summary string, warnings []string, err error) {
	table, err := sqlite.LoadTable(ctx, path)
	switch {
	case errors.Is(err, sqlite.ErrMissing):
		return "none yet, serve makes " + path, nil, nil
	case errors.Is(err, sqlite.ErrSchemaOld):
		return "in " + path + ", which serve brings up to date first", nil, nil
	case err != nil:
		return "", nil, fmt.Errorf("client table: %w", err)
	}
	disabled := 0
	for c := range table.All() {
		if !c.Enabled {
			disabled++
		}
		if c.PBX != "" && r.Group(c.PBX) == nil {
			warnings = append(warnings, fmt.Sprintf("client %s: PBX group %s is not configured, its calls go to %s", c.AccessID, c.PBX, router.DefaultGroupName))
		}
		if c.HeaderProfile != "" && !r.HasProfile(c.HeaderProfile) {
			warnings = append(warnings, fmt.Sprintf("client %s: header profile %s is not configured, its calls get the headers of their PBX group", c.AccessID, c.HeaderProfile))
		}
	}
	return fmt.Sprintf("%d (%d disabled) in %s", table.Len(), disabled, path), warnings, nil
}

func printSummary(out io.Writer, s *config.Settings, at pbx.Endpoints, clients string) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tvalid\n", s.Origin)
	for _, l := range s.Listen {
		fmt.Fprintf(t, "listen\t%s\n", l)
	}
	for _, trunk := range s.Trunks {
		fmt.Fprintf(t, "trunk\t%s, from %s\n", trunk.Name, join(trunk.Sources))
	}
	for _, g := range s.Groups {
		var uris []string
		for _, target := range g.Targets {
			uris = append(uris, fmt.Sprintf("%s (%s)", target.URI, whereIs(&target, at)))
		}
		fmt.Fprintf(t, "PBX group\t%s, body %s, to %s\n", g.Name, g.Body, strings.Join(uris, ", "))
	}
	if len(s.Edges) > 0 {
		fmt.Fprintf(t, "edges\t%s\n", join(s.Edges))
	}
	fmt.Fprintf(t, "http\t%s\nclients\t%s\n", s.HTTP, clients)
	_ = t.Flush() // as any print: standard output has gone
}

// whereIs is where a target takes calls: its address, or those of its name.
func whereIs(t *router.Target, at pbx.Endpoints) string {
	if !t.Named {
		return t.Transport + ":" + t.Addr.String()
	}
	var list []string
	for _, e := range at[t.URI] {
		list = append(list, e.Transport+":"+e.Addr.String())
	}
	if len(list) == 0 {
		return "not found"
	}
	return strings.Join(list, ", ")
}

// join writes values with commas between them.
func join[T fmt.Stringer](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.String()
	}
	return strings.Join(words, ", ")
}
