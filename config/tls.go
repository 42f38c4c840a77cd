package config

import (
	"fmt"
	"slices"
)

// TLSFiles names the files of the tls section, checked to be complete.
type TLSFiles struct{ Cert, Key, ClientCA string }

// validate checks that the section says enough for the listeners there are.
func (c *tlsConfig) validate(p *problems, listen []Listener) TLSFiles {
	wanted := slices.IndexFunc(listen, func(l Listener) bool { return l.Network == "tls" })
	switch {
	case wanted < 0 && c != nil:
		p.warn("tls", "no listener is tls:, the section has no effect")
		return TLSFiles{}
	case wanted < 0:
		return TLSFiles{}
	case c == nil:
		p.add(fmt.Sprintf("listen[%d].on", wanted), "tls needs a certificate: tls: {cert: FILE, key: FILE}")
		return TLSFiles{}
	case c.Cert == "" || c.Key == "":
		p.add("tls", "both cert and key are needed")
	}
	return TLSFiles{Cert: string(c.Cert), Key: string(c.Key), ClientCA: string(c.ClientCA)}
}
