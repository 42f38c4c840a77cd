package config

import (
	"errors"
	"fmt"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// file is sipid.yaml as it is written: every value is still text, so that
// one place (validate) reads them all and names every field that is wrong.
type file struct {
	Listen       []listenConfig   `yaml:"listen"`
	Edges        []text           `yaml:"edges"`
	Strangers    text             `yaml:"strangers"`
	DNS          []text           `yaml:"dns"`
	DB           text             `yaml:"db"`
	HTTP         text             `yaml:"http"`
	HTTPTokens   textList         `yaml:"http_tokens"`
	Trunks       []trunkConfig    `yaml:"trunks"`
	Groups       []groupConfig    `yaml:"pbx_groups"`
	Profiles     []profileConfig  `yaml:"header_profiles"`
	TLS          *tlsConfig       `yaml:"tls"`
	KeyFile      textList         `yaml:"key_file"`
	Screenpop    *screenpopConfig `yaml:"screenpop"`
	Log          logConfig        `yaml:"log"`
	DrainTimeout text             `yaml:"drain_timeout"`
}

type listenConfig struct {
	On        text `yaml:"on"`
	Advertise text `yaml:"advertise"`
}

type trunkConfig struct {
	Name         text            `yaml:"name"`
	Sources      []text          `yaml:"sources"`
	Networks     []text          `yaml:"networks"`
	Identify     []text          `yaml:"identify"`
	StripPrefix  []text          `yaml:"strip_prefix"`
	AccessIDs    []text          `yaml:"access_ids"`
	Methods      []text          `yaml:"methods"`
	FirstWins    text            `yaml:"first_source_wins"`
	Numbers      numbersConfig   `yaml:"numbers"`
	Access       []text          `yaml:"access_numbers"`
	NumberPlan   []text          `yaml:"number_plan"`
	DirectClient text            `yaml:"direct_client"`
	ISUPReplies  text            `yaml:"isup_replies"`
	CauseProfile text            `yaml:"cause_profile"`
	Causes       map[string]text `yaml:"causes"`
	ISUP         isupConfig      `yaml:"isup"`
	ISUPEncoding text            `yaml:"isup_encoding"`
	ISUPVariant  text            `yaml:"isup_variant"`
	Unidentified text            `yaml:"unidentified"`
	MaxCPS       text            `yaml:"max_cps"`
	MaxCalls     text            `yaml:"max_calls"`
	LimitAnswer  text            `yaml:"limit_answer"`
}

// numbersConfig says what a trunk's numbers are made into.
type numbersConfig struct {
	Calling        numberConfig `yaml:"calling"`
	Called         numberConfig `yaml:"called"`
	OriginalCalled numberConfig `yaml:"original_called"`
}

type numberConfig struct {
	Strip []text `yaml:"strip"`
	Add   text   `yaml:"add"`
	Form  text   `yaml:"form"`
}

// isupConfig is what stands in the ISUP that is added to answers.
type isupConfig struct {
	Base          text `yaml:"base"`
	Version       text `yaml:"version"`
	Charge        text `yaml:"charge"`
	Category      text `yaml:"category"`
	Interworking  text `yaml:"interworking"`
	ISUPAllTheWay text `yaml:"isup_all_the_way"`
	ISDNAccess    text `yaml:"isdn_access"`
	Location      text `yaml:"location"`
}

type groupConfig struct {
	Name          text           `yaml:"name"`
	Targets       []targetConfig `yaml:"targets"`
	Networks      []text         `yaml:"networks"`
	Body          text           `yaml:"body"`
	HeaderProfile text           `yaml:"header_profile"`
	Personal      text           `yaml:"personal_headers"`
	ISUPInfo      text           `yaml:"isup_info"`
	FailoverOn    []text         `yaml:"failover_on"`
	MaxCalls      text           `yaml:"max_calls"`
	Probe         *probeConfig   `yaml:"probe"`
}

// profileConfig is a set of headers for PBXs that want others than the trusted ones.
type profileConfig struct {
	Name    text            `yaml:"name"`
	Budget  text            `yaml:"budget"`
	Headers []profileHeader `yaml:"headers"`
}

type profileHeader struct {
	Name  text `yaml:"name"`
	Value text `yaml:"value"`
	Text  text `yaml:"text"`
}

type targetConfig struct {
	URI      text `yaml:"uri"`
	Weight   text `yaml:"weight"`
	Priority text `yaml:"priority"`
	MaxCalls text `yaml:"max_calls"`
	Large    text `yaml:"large"`
}

type probeConfig struct {
	Interval  text `yaml:"interval"`
	Timeout   text `yaml:"timeout"`
	DownAfter text `yaml:"down_after"`
	UpAfter   text `yaml:"up_after"`
}

type tlsConfig struct {
	Cert     text `yaml:"cert"`
	Key      text `yaml:"key"`
	ClientCA text `yaml:"client_ca"`
}

type logConfig struct {
	Level  text `yaml:"level"`
	Format text `yaml:"format"`
}

// readConfig reads a configuration file strictly: an unknown or repeated key
// and a value of the wrong shape are errors that show the line. The tree that
// comes back knows on which line each field stands.
func readConfig(path string) (*file, *ast.File, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	tree, err := parser.ParseBytes(source, 0)
	if err != nil {
		return nil, nil, yamlError(path, err)
	}
	if len(tree.Docs) > 1 {
		return nil, nil, fmt.Errorf("%s: more than one YAML document (a line of ---): only the first would count", path)
	}
	var c file
	if err := yaml.UnmarshalWithOptions(source, &c, yaml.Strict()); err != nil {
		return nil, nil, yamlError(path, err)
	}
	return &c, tree, nil
}

// yamlError puts the file's name in front of the library's message, which
// carries the place, the lines around it and a caret.
func yamlError(path string, err error) error {
	var located yaml.Error
	if !errors.As(err, &located) {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := located.GetToken().Position
	msg := fmt.Sprintf("%s:%d:%d: %s\n", path, at.Line, at.Column, located.GetMessage())
	return errors.New(msg + sourceLines(located))
}

// sourceLines is the excerpt alone, without the library's own first line.
func sourceLines(located yaml.Error) string {
	whole := located.FormatError(false, true)
	bare := located.FormatError(false, false)
	return whole[min(len(bare)+1, len(whole)):]
}
