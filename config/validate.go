package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// validate reads every field into the types the packages want. What it cannot
// read or must not accept goes to p; the result counts only without errors.
func (c *file) validate(p *problems) *Settings {
	s := &Settings{
		Listen: c.listeners(p),
		Edges:  prefixes(p, "edges", c.Edges),
		DNS:    c.dnsServers(p),
		DB:     c.database(p),
		HTTP:   c.httpAddress(p),
		Drain:  span(p, "drain_timeout", c.DrainTimeout, DefaultDrain),
	}
	oneOf(p, "strangers", c.Strangers, "ignore", "refuse")
	s.Strangers = c.Strangers == "refuse"
	s.KeyFile = c.keyFile(p, s.DB)
	s.TargetsDB = TargetsDB(s.DB)
	s.HTTPTokens = tokenRefs(p, "http_tokens", c.HTTPTokens)
	s.LogLevel, s.LogJSON = c.Log.validate(p)
	s.Trunks = c.trunks(p)
	s.Groups, s.hosts = c.groups(p)
	s.Profiles = c.profiles(p)
	c.checkLoops(p, s)
	s.TLS = c.TLS.validate(p, s.Listen)
	s.Screenpop = c.Screenpop.validate(p, s.DB, s.HTTP)
	return s
}

func (c *file) database(p *problems) string {
	switch {
	case c.DB == "":
		return DefaultDB
	case strings.HasPrefix(string(c.DB), "postgres://"), strings.HasPrefix(string(c.DB), "postgresql://"):
		p.add("db", "PostgreSQL is not in this release, a file path is expected")
	}
	return string(c.DB)
}

func (c *file) httpAddress(p *problems) string {
	if c.HTTP == "" {
		return DefaultHTTP
	}
	addr, err := netip.ParseAddrPort(string(c.HTTP))
	if err != nil {
		p.add("http", "%q: ADDRESS:PORT is expected, the address in figures", c.HTTP)
	} else if !addr.Addr().IsLoopback() {
		screens, rest := "", "this machine only"
		if !c.Screenpop.open() {
			screens = "agents' screens to whoever has a token, "
		}
		if len(c.HTTPTokens) > 0 {
			rest = "whoever has a token of http_tokens, which goes over plain HTTP: put a proxy with TLS in front"
		}
		p.warn("http", "%s can be reached from other machines: health and metrics are open to all, %sthe rest is served to %s", addr, screens, rest)
	}
	return string(c.HTTP)
}

// keyFile is the named one, or sipid.key beside the database: the two belong
// to the same installation.
func (c *file) keyFile(p *problems, db string) string {
	if len(c.KeyFile) > 1 {
		p.add("key_file[1]", "a second key is not in this release")
	}
	if len(c.KeyFile) == 0 || c.KeyFile[0] == "" {
		return filepath.Join(filepath.Dir(db), DefaultKey)
	}
	return string(c.KeyFile[0])
}

func (l *logConfig) validate(p *problems) (slog.Level, bool) {
	levels := map[text]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[l.Level]
	if !ok {
		p.add("log.level", "%q: debug, info, warn or error is expected", l.Level)
	}
	oneOf(p, "log.format", l.Format, "text", "json")
	return level, l.Format == "json"
}

// oneOf checks a word against those the field allows; empty is the default.
func oneOf(p *problems, path string, value text, allowed ...string) {
	for _, a := range allowed {
		if value == text(a) || value == "" {
			return
		}
	}
	last := len(allowed) - 1
	p.add(path, "%q: %s or %s is expected", value, strings.Join(allowed[:last], ", "), allowed[last])
}

// span reads a length of time, as in 30s; it must be positive.
func span(p *problems, path string, value text, byDefault time.Duration) time.Duration {
	if value == "" {
		return byDefault
	}
	d, err := time.ParseDuration(string(value))
	if err != nil || d <= 0 {
		p.add(path, "%q: a time above zero is expected, as in 500ms, 5s or 1m", value)
	}
	return d
}

// whole reads a whole number between low and high.
func whole(p *problems, path string, value text, byDefault, low, high int) int {
	if value == "" {
		return byDefault
	}
	n, err := strconv.Atoi(string(value))
	if err != nil || n < low || n > high {
		p.add(path, "%q: a whole number from %d to %d is expected", value, low, high)
	}
	return n
}

// prefixes reads addresses and networks. Host bits behind the mask are
// refused: 10.1.2.3/16 is a slip of the pen more often than a wish for 10.1.
func prefixes(p *problems, path string, values []text) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(values))
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", path, i)
		prefix, err := parsePrefix(string(value))
		switch {
		case err != nil:
			p.add(at, "%q: an IP address or a network is expected, as in 10.1.0.0/16", value)
		case prefix.Addr().Is4In6():
			p.add(at, "%q: write IPv4 addresses as such, without ::ffff:", value)
		case prefix != prefix.Masked():
			p.add(at, "%q: bits are set behind the mask, write %s", value, prefix.Masked())
		default:
			list = append(list, prefix)
		}
	}
	return list
}

func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return addr.Unmap().Prefix(addr.Unmap().BitLen())
	}
	return netip.ParsePrefix(s)
}

// ParseLog reads the two words of the log section, for a command that has flags
// alone. An error names the one that is wrong.
func ParseLog(level, format string) (slog.Level, bool, error) {
	var p problems
	at, json := (&logConfig{Level: text(level), Format: text(format)}).validate(&p)
	if len(p.errors) > 0 {
		return at, json, fmt.Errorf("%s: %s", p.errors[0].Path, p.errors[0].Rule)
	}
	return at, json, nil
}
