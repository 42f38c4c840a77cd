package config

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"sipid/screenpop"
	"sipid/vas"
	"sipid/vas/pgtable"
)

// screenpopConfig is the screenpop section: the agents' screens, and how their
// callers' data are claimed.
type screenpopConfig struct {
	Agents      []agentConfig     `yaml:"agents"`
	Supervisor  textList          `yaml:"supervisor"`
	PBX         textList          `yaml:"pbx"`
	AgentFrom   []text            `yaml:"agent_from"`
	ClaimAt     text              `yaml:"claim_at"`
	Claimant    text              `yaml:"claimant"`
	Token       text              `yaml:"token"`
	Clients     []popClientConfig `yaml:"clients"`
	URLTemplate text              `yaml:"url_template"`
	URLHosts    []text            `yaml:"url_hosts"`
	WrapUp      text              `yaml:"wrap_up"`
	EventsDB    text              `yaml:"events_db"`
}

type agentConfig struct {
	Extension text     `yaml:"extension"`
	Token     textList `yaml:"token"`
}

// popClientConfig is how one client's data are claimed: over HTTP, or with a
// table from its database.
type popClientConfig struct {
	AccessID    text          `yaml:"access_id"`
	Token       text          `yaml:"token"`
	Certificate text          `yaml:"certificate"`
	Key         text          `yaml:"key"`
	CA          text          `yaml:"ca"`
	Timeout     text          `yaml:"timeout"`
	User        text          `yaml:"user"`
	Password    text          `yaml:"password"`
	Table       text          `yaml:"table"`
	Serial      text          `yaml:"serial"`
	Expires     text          `yaml:"expires"`
	Fields      []fieldConfig `yaml:"fields"`
}

type fieldConfig struct {
	Column text `yaml:"column"`
	Name   text `yaml:"name"`
}

// Screenpop is the section, checked. Tokens are still references: what
// they name is read at the start.
type Screenpop struct {
	Agents     []AgentTokens
	Supervisor []TokenRef
	PBX        []TokenRef
	AgentFrom  []screenpop.AgentSource
	ClaimAt    screenpop.ClaimMoment
	Template   *screenpop.Template
	WrapUp     time.Duration
	EventsDB   string
	Claims     Claims
}

// AgentTokens says who may see the pops of an extension.
type AgentTokens struct {
	Extension string
	Tokens    []TokenRef
}

// Claims is what is needed to claim from any client.
type Claims struct {
	Claimant string
	Token    string // of clients that are not listed; {access_id} stands for the client's
	Clients  map[string]ClaimClient
}

// ClaimClient is one of the two, without the endpoint: that is in the client
// table.
type ClaimClient struct {
	HTTP  vas.ClientConfig
	Table *pgtable.Config
}

// Defaults of the section.
const (
	defaultWrapUp     = 2 * time.Minute
	defaultClaimToken = "env:SIPID_CLAIM_TOKEN_{access_id}"
	AccessIDMark      = "{access_id}"
)

// validate reads the section; without one all of it has defaults, and the desk
// is served to this machine only.
func (c *screenpopConfig) validate(p *problems, db, http string) Screenpop {
	if c == nil {
		c = new(screenpopConfig)
	}
	s := Screenpop{
		Agents:     c.agents(p),
		Supervisor: tokenRefs(p, "screenpop.supervisor", c.Supervisor),
		PBX:        tokenRefs(p, "screenpop.pbx", c.PBX),
		AgentFrom:  c.agentFrom(p),
		ClaimAt:    c.claimAt(p),
		Template:   c.template(p),
		WrapUp:     span(p, "screenpop.wrap_up", c.WrapUp, defaultWrapUp),
		EventsDB:   string(c.EventsDB),
		Claims:     c.claims(p),
	}
	if s.EventsDB == "" {
		s.EventsDB = strings.TrimSuffix(db, filepath.Ext(db)) + "-events.db"
	}
	if s.EventsDB == db {
		p.add("screenpop.events_db", "this is the client table; events need a file of their own")
	}
	if addr, err := netip.ParseAddrPort(http); !s.Open() && err == nil && !addr.Addr().Unmap().IsLoopback() {
		p.warn("screenpop", "tokens and users' data go over plain HTTP at %s: put a proxy with TLS in front", http)
	}
	return s
}

// Open says that nobody has a token: then this machine alone is served.
func (s *Screenpop) Open() bool {
	return len(s.Agents)+len(s.Supervisor)+len(s.PBX) == 0
}

// open is the same of the section as it is written.
func (c *screenpopConfig) open() bool {
	return c == nil || len(c.Agents)+len(c.Supervisor)+len(c.PBX) == 0
}

func (c *screenpopConfig) agents(p *problems) []AgentTokens {
	list := make([]AgentTokens, len(c.Agents))
	seen := map[text]int{}
	for i, a := range c.Agents {
		path := fmt.Sprintf("screenpop.agents[%d]", i)
		first, twice := seen[a.Extension]
		switch {
		case a.Extension == "":
			p.add(path, "extension is missing")
		case !screenpop.ValidExtension(string(a.Extension)):
			p.add(path+".extension", "%q: letters, digits and * + - . _ are expected, at most 32", a.Extension)
		case twice:
			p.add(path+".extension", "%s is already agents[%d]", a.Extension, first)
		}
		seen[a.Extension] = i
		if len(a.Token) == 0 {
			p.add(path, "token is missing")
		}
		list[i] = AgentTokens{Extension: string(a.Extension), Tokens: tokenRefs(p, path+".token", a.Token)}
	}
	return list
}

func (c *screenpopConfig) agentFrom(p *problems) []screenpop.AgentSource {
	var list []screenpop.AgentSource
	seen := map[screenpop.AgentSource]bool{}
	for i, name := range c.AgentFrom {
		path := fmt.Sprintf("screenpop.agent_from[%d]", i)
		source, err := screenpop.ParseAgentSource(string(name))
		switch {
		case err != nil:
			p.add(path, "%v", err)
		case seen[source]:
			p.add(path, "%s is there twice", name)
		}
		seen[source] = true
		list = append(list, source)
	}
	return list
}

func (c *screenpopConfig) claimAt(p *problems) screenpop.ClaimMoment {
	oneOf(p, "screenpop.claim_at", c.ClaimAt, "invite", "ringing", "answer")
	switch c.ClaimAt {
	case "invite":
		return screenpop.ClaimAtInvite
	case "answer":
		return screenpop.ClaimAtAnswer
	}
	return screenpop.ClaimAtRinging
}

func (c *screenpopConfig) template(p *problems) *screenpop.Template {
	if c.URLTemplate == "" {
		if len(c.URLHosts) > 0 {
			p.warn("screenpop.url_hosts", "there is no url_template, the list has no effect")
		}
		return nil
	}
	hosts := make([]string, len(c.URLHosts))
	for i, h := range c.URLHosts {
		if hosts[i] = string(h); !isHostPort(hosts[i]) {
			p.add(fmt.Sprintf("screenpop.url_hosts[%d]", i), "%q: a host name is expected, with or without a port", h)
		}
	}
	if len(hosts) == 0 {
		p.add("screenpop.url_template", "url_hosts must list the hosts an agent's browser may be sent to")
		return nil
	}
	t, err := screenpop.ParseTemplate(string(c.URLTemplate), hosts)
	if err != nil {
		p.add("screenpop.url_template", "%v", err)
	}
	return t
}

func (c *screenpopConfig) claims(p *problems) Claims {
	s := Claims{Claimant: string(c.Claimant), Token: string(c.Token), Clients: map[string]ClaimClient{}}
	if s.Claimant == "" {
		s.Claimant = vas.DefaultClaimant
	}
	if s.Token == "" {
		s.Token = defaultClaimToken
	}
	checkSecret(p, "screenpop.token", text(s.Token))
	if !strings.Contains(s.Token, AccessIDMark) {
		// One token for all would be shown to every client system.
		p.add("screenpop.token", "%s must be in it, so that each client system sees its own token only", AccessIDMark)
	}
	for i := range c.Clients {
		path := fmt.Sprintf("screenpop.clients[%d]", i)
		one := &c.Clients[i]
		if one.AccessID == "" || strings.Trim(string(one.AccessID), "0123456789") != "" {
			p.add(path+".access_id", "%q: decimal digits are expected", one.AccessID)
		}
		if _, twice := s.Clients[string(one.AccessID)]; twice {
			p.add(path+".access_id", "%s is there twice", one.AccessID)
		}
		s.Clients[string(one.AccessID)] = one.validate(p, path, s.Claimant)
	}
	return s
}

func (c *popClientConfig) validate(p *problems, path, claimant string) ClaimClient {
	checkSecret(p, path+".token", c.Token)
	checkSecret(p, path+".certificate", c.Certificate)
	checkSecret(p, path+".key", c.Key)
	checkSecret(p, path+".ca", c.CA)
	checkSecret(p, path+".password", c.Password)
	policy := vas.DefaultPolicy()
	policy.Timeout = span(p, path+".timeout", c.Timeout, policy.Timeout)
	policy.MaxData = MaxClaim
	if c.Table != "" {
		return c.table(p, path, policy)
	}
	if c.User != "" || c.Password != "" || c.Serial != "" || c.Expires != "" || len(c.Fields) > 0 {
		p.add(path, "table is missing: user, password, serial, expires and fields go with one")
	}
	if (c.Certificate == "") != (c.Key == "") {
		p.add(path, "certificate and key go together")
	}
	if c.Token == "" && c.Certificate == "" {
		p.add(path, "token or certificate is missing")
	}
	return ClaimClient{HTTP: vas.ClientConfig{
		Claimant: claimant, Token: vas.SecretRef(c.Token), Certificate: vas.SecretRef(c.Certificate),
		Key: vas.SecretRef(c.Key), CA: vas.SecretRef(c.CA), Policy: policy,
	}}
}

func (c *popClientConfig) table(p *problems, path string, policy vas.Policy) ClaimClient {
	if c.Token != "" || c.Certificate != "" || c.Key != "" || c.CA != "" {
		p.add(path, "token, certificate, key and ca do not go with a table: the endpoint in the client table says sslmode and sslrootcert")
	}
	if c.User == "" {
		p.add(path, "user is missing")
	}
	if len(c.Fields) == 0 {
		p.add(path, "fields is missing: the columns an agent sees")
	}
	t := &pgtable.Config{
		User: string(c.User), Password: vas.SecretRef(c.Password), Table: string(c.Table),
		Serial: string(c.Serial), Expires: string(c.Expires), Policy: policy,
	}
	for i, f := range c.Fields {
		if f.Column == "" {
			p.add(fmt.Sprintf("%s.fields[%d]", path, i), "column is missing")
		}
		t.Fields = append(t.Fields, pgtable.Field{Column: string(f.Column), Name: string(f.Name)})
	}
	return ClaimClient{Table: t}
}

// checkSecret checks the form of a reference. The value may be the secret itself,
// so it is not repeated.
func checkSecret(p *problems, path string, ref text) {
	if vas.SecretRef(ref).Validate() != nil {
		p.add(path, "env:NAME or file:PATH is expected; a secret does not stand in this file")
	}
}
