package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"sipid/router"
)

// Defaults of serve: what it does with flags alone, and what a configuration
// file need not say.
const (
	DefaultFile   = "sipid.yaml"
	DefaultDB     = "sipid.db"
	DefaultListen = "udp:127.0.0.1:5060"
	DefaultPBX    = "sip:127.0.0.1:5080"
	DefaultHTTP   = "127.0.0.1:8060"
	DefaultKey    = "sipid.key"
	DefaultDrain  = 30 * time.Second
)

// Listener is one address to take SIP on.
type Listener struct {
	Network   string // udp, tcp or tls
	Addr      netip.AddrPort
	Advertise string // host, or host and port, for Via and Record-Route
}

// String gives the form of the configuration.
func (l Listener) String() string {
	if l.Advertise == "" {
		return l.Network + ":" + l.Addr.String()
	}
	return l.Network + ":" + l.Addr.String() + " (as " + l.Advertise + ")"
}

// Settings is a configuration that was checked, in the types of the packages
// that use it. It comes from sipid.yaml or from flags alone.
type Settings struct {
	Origin     string // "sipid.yaml" or "flags", for the log
	Listen     []Listener
	Edges      []netip.Prefix
	Trunks     []router.Trunk
	Groups     []router.Group
	Profiles   []router.Profile
	Strangers  bool     // get 403
	DNS        []string // servers, as host:port; none: the system's
	DB         string
	TargetsDB  string // who is drained; beside the client table
	HTTP       string
	HTTPTokens []TokenRef // who may use what is below /v1/; none: this machine
	KeyFile    string
	TLS        TLSFiles
	Screenpop  Screenpop
	LogLevel   slog.Level
	LogJSON    bool
	Drain      time.Duration
	Warnings   []string

	hosts []pendingHost
	where place
}

// InvalidError is a configuration that must not run. Its text is one line for
// each problem.
type InvalidError struct {
	Problems []Problem
	where    place
	flags    bool
}

// Error is one line for each problem.
func (e *InvalidError) Error() string { return describe(e.Problems, e.where) }

// ExitCode is 2 when it was the command line that was wrong.
func (e *InvalidError) ExitCode() int {
	if e.flags {
		return 2
	}
	return 1
}

// UsageError is flags that do not go together.
type UsageError struct{ text string }

// Error says which flags, and what goes.
func (e *UsageError) Error() string { return e.text }

// ExitCode is 2, as for all that is wrong with a command line.
func (e *UsageError) ExitCode() int { return 2 }

// Flags are the flags of serve and its offline twins. An empty value
// means that the flag was not given.
type Flags struct {
	Config    string
	DB        string
	Listen    []string
	PBX       []string
	HTTP      string
	KeyFile   string
	LogLevel  string
	LogFormat string
	Drain     string
}

// Load reads the configuration file, or without one makes the
// configuration of flags alone. Flags win over the file.
func Load(f Flags) (*Settings, error) {
	c, where, err := f.config()
	if err != nil {
		return nil, err
	}
	f.override(c)
	p := new(problems)
	s := c.validate(p)
	s.where = where
	s.Origin = f.Config
	if f.Config == "" {
		s.Origin = "flags"
		warnBeyondLoopback(c, s, p)
	}
	if len(p.errors) > 0 {
		return nil, &InvalidError{Problems: p.errors, where: where, flags: f.Config == ""}
	}
	for _, w := range p.warnings {
		s.Warnings = append(s.Warnings, describe([]Problem{w}, where))
	}
	return s, nil
}

func (f Flags) config() (*file, place, error) {
	if f.Config == "" {
		return flagsAlone(f), onCommandLine, nil
	}
	if len(f.PBX) > 0 {
		return nil, nil, &UsageError{fmt.Sprintf("--pbx does not go with a configuration file (%s): targets are in its pbx_groups", f.Config)}
	}
	c, tree, err := readConfig(f.Config)
	if err != nil {
		return nil, nil, err
	}
	return c, inFile(f.Config, tree), nil
}

// flagsAlone is the configuration without a file: one trunk that serves this
// machine only, one PBX group.
func flagsAlone(f Flags) *file {
	if len(f.Listen) == 0 {
		f.Listen = []string{DefaultListen}
	}
	if len(f.PBX) == 0 {
		f.PBX = []string{DefaultPBX}
	}
	group := groupConfig{Name: router.DefaultGroupName}
	for _, uri := range f.PBX {
		group.Targets = append(group.Targets, targetConfig{URI: text(uri)})
	}
	return &file{
		Listen: listenConfigs(f.Listen),
		Trunks: []trunkConfig{{
			Name:    "default",
			Sources: []text{"127.0.0.0/8", "::1/128"},
		}},
		Groups: []groupConfig{group},
	}
}

// override puts the flags that were given over the file's values.
func (f Flags) override(c *file) {
	if len(f.Listen) > 0 {
		c.Listen = listenConfigs(f.Listen)
	}
	set := func(field *text, value string) {
		if value != "" {
			*field = text(value)
		}
	}
	set(&c.DB, f.DB)
	set(&c.HTTP, f.HTTP)
	set(&c.Log.Level, f.LogLevel)
	set(&c.Log.Format, f.LogFormat)
	set(&c.DrainTimeout, f.Drain)
	if f.KeyFile != "" {
		c.KeyFile = textList{text(f.KeyFile)}
	}
}

func listenConfigs(on []string) []listenConfig {
	list := make([]listenConfig, len(on))
	for i := range on {
		list[i].On = text(on[i])
	}
	return list
}

// warnBeyondLoopback says that a reachable listener serves nobody: with flags
// alone the one trunk takes calls from this machine only.
func warnBeyondLoopback(c *file, s *Settings, p *problems) {
	for i, l := range s.Listen {
		if !l.Addr.Addr().IsLoopback() {
			p.warn(fmt.Sprintf("listen[%d]", i),
				"%s can be reached from other machines, but without a configuration file only calls from this machine are taken; name your trunks in %s",
				c.Listen[i].On, DefaultFile)
		}
	}
}

// TargetsDB is the file beside the client table that says who is drained.
func TargetsDB(db string) string { return strings.TrimSuffix(db, filepath.Ext(db)) + "-targets.db" }
