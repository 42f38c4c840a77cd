package proxy_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sipid/isupbody"
	"sipid/proxy"
	"sipid/router"
)

// golden is a decision of the router's testdata as a message.
type golden struct {
	trunk   router.Trunk
	clients []router.Client
	isup    [][]byte
	label   string
	uri, to string
	from    string
	now     func() time.Time
	lines   string
	broken  bool
	status  string
}

func readGolden(t *testing.T, file string) *golden {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in, out, _ := strings.Cut(string(text), "----\n")
	g := &golden{
		uri: "sip:95165@10.0.0.5", to: "<sip:95165@10.0.0.5>", from: "<sip:anonymous@anonymous.invalid>",
		label: "application/isup;version=itu-t92+",
	}
	g.status = strings.TrimSpace(regexp.MustCompile(`X-Identify-Status: (\S+)`).FindStringSubmatch(out)[1])
	for line := range strings.Lines(in) {
		line = strings.TrimSpace(line)
		if key, value, ok := strings.Cut(line, ": "); ok && line[0] != '#' && !g.piece(t, key, value) {
			t.Fatalf("%s: %q is not understood", file, line)
		}
	}
	if g.clients == nil {
		g.clients = []router.Client{goldenClient("1001"), goldenClient("1002"), goldenClient("2001")}
		g.clients[2].PBX = "hangzhou"
	}
	return g
}

func goldenClient(id string) router.Client {
	return router.Client{AccessID: id, Name: "client " + id, Endpoint: "https://" + id + ".example/sipid", SerialDigits: 8, Enabled: true}
}

// piece reads a line; false: it is not understood.
func (g *golden) piece(t *testing.T, key, value string) bool {
	return g.trunkPiece(t, key, value) || g.messagePiece(t, key, value)
}

func (g *golden) trunkPiece(t *testing.T, key, value string) bool {
	t.Helper()
	switch key {
	case "identify":
		g.trunk.Identify = goldenSources(t, value)
	case "methods":
		g.trunk.MayUse = goldenSources(t, value)
	case "first_source_wins":
		g.trunk.FirstWins = value == "true"
	case "strip_prefix":
		g.trunk.StripPrefix = strings.Fields(value)
	case "access_ids":
		g.trunk.AccessIDs = strings.Fields(value)
	case "access_numbers":
		g.trunk.AccessNumbers = strings.Fields(value)
	case "number_plan":
		g.trunk.NumberPlan = strings.Fields(value)
	case "direct_client":
		g.trunk.DirectClient = value
	case "numbers.calling":
		g.trunk.Calling = goldenRule(t, value)
	case "numbers.called":
		g.trunk.Called = goldenRule(t, value)
	case "numbers.original_called":
		g.trunk.OriginalCalled = goldenRule(t, value)
	case "unidentified":
		g.trunk.Reject = value == "reject"
	case "now":
		now, err := time.Parse(time.RFC3339, value)
		if err != nil {
			t.Fatal(err)
		}
		g.now = func() time.Time { return now }
	case "client":
		return g.client(value)
	default:
		return false
	}
	return true
}

func goldenSources(t *testing.T, names string) (list []router.Source) {
	t.Helper()
	for name := range strings.FieldsSeq(names) {
		s, err := router.ParseSource(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// goldenRule reads "strip=PREFIX,PREFIX add=DIGITS form=FORM".
func goldenRule(t *testing.T, line string) (r router.NumberRule) {
	t.Helper()
	for word := range strings.FieldsSeq(line) {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "strip":
			r.Strip = strings.Split(value, ",")
		case "add":
			r.Add = value
		case "form":
			r.Form = value
		default:
			t.Fatalf("number rule: %q is not understood", word)
		}
	}
	return r
}

func (g *golden) messagePiece(t *testing.T, key, value string) bool {
	t.Helper()
	switch key {
	case "isup":
		octets, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(value, `"`), " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		g.isup = append(g.isup, octets)
	case "ocn":
		g.isup = append(g.isup, goldenIAM(t, "ocn="+value))
	case "iam":
		g.isup = append(g.isup, goldenIAM(t, value))
	case "From":
		g.from = withoutTag(value)
	case "isup_label":
		g.label = value
	case "body_error":
		g.broken = true
	case "request_uri":
		g.uri = value
	case "To":
		g.to = withoutTag(value) // a call that begins has none
	case "Diversion", "History-Info", "User-to-User", "P-Asserted-Identity", "Privacy":
		g.lines += key + ": " + value + "\r\n"
	default:
		return false
	}
	return true
}

func withoutTag(value string) string {
	return regexp.MustCompile(`;tag=\S*`).ReplaceAllString(value, "")
}

// client reads ACCESS-ID and its key=value pairs; false: one is not understood.
func (g *golden) client(line string) bool {
	id, rest, _ := strings.Cut(line, " ")
	c := goldenClient(id)
	for rest != "" {
		key, value, _ := strings.Cut(rest, "=")
		if quoted, err := strconv.QuotedPrefix(value); err == nil {
			rest = strings.TrimSpace(value[len(quoted):])
			value, _ = strconv.Unquote(quoted)
		} else {
			value, rest, _ = strings.Cut(value, " ")
		}
		switch key {
		case "name":
			c.Name = value
		case "pbx":
			c.PBX = value
		case "serial_digits":
			c.SerialDigits, _ = strconv.Atoi(value)
		case "enabled":
			c.Enabled = value == "true"
		case "calling":
			c.Calling = strings.Fields(value)
		case "valid_from":
			c.ValidFrom, _ = router.ParseMoment(value)
		case "valid_to":
			c.ValidTo, _ = router.ParseMoment(value)
		default:
			return false
		}
	}
	g.clients = append(g.clients, c)
	return true
}

// goldenIAM reads "called=DIGITS calling=DIGITS ocn=DIGITS restricted", digits
// with + in front for an international number.
func goldenIAM(t *testing.T, line string) []byte {
	t.Helper()
	called, restricted := "95165F", strings.Contains(line, "restricted")
	var rest []isupbody.Parameter
	for word := range strings.FieldsSeq(line) {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "called":
			called = value
		case "calling":
			bare, international := strings.CutPrefix(value, "+")
			p := goldenNumber(t, isupbody.ParamCallingPartyNumber, bare)
			if international {
				p.Contents[0] = p.Contents[0]&0x80 | byte(isupbody.NatureInternational)
			}
			if restricted {
				p.Contents[1] |= byte(isupbody.PresentationRestricted) << 2
			}
			rest = append(rest, p)
		case "ocn":
			rest = append(rest, goldenNumber(t, isupbody.ParamOriginalCalledNumber, value))
		case "restricted":
		default:
			t.Fatalf("IAM: %q is not understood", word)
		}
	}
	d := isupbody.Draft{Type: isupbody.MessageIAM, Parameters: append([]isupbody.Parameter{
		{Name: isupbody.ParamNatureOfConnectionIndicators, Contents: []byte{0}},
		{Name: isupbody.ParamForwardCallIndicators, Contents: []byte{0x20, 0x01}},
		{Name: isupbody.ParamCallingPartyCategory, Contents: []byte{0x0A}},
		{Name: isupbody.ParamTransmissionMediumRequirement, Contents: []byte{0x03}},
		goldenNumber(t, isupbody.ParamCalledPartyNumber, called),
	}, rest...)}
	octets, err := d.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func goldenNumber(t *testing.T, name isupbody.ParameterName, digits string) isupbody.Parameter {
	t.Helper()
	n, err := isupbody.NewNumber(digits)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := n.AppendContents(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	return isupbody.Parameter{Name: name, Contents: contents}
}

func (g *golden) change(_ *proxy.Options, c *router.Config) {
	g.trunk.Name, g.trunk.Sources = "default", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	c.Trunks = []router.Trunk{g.trunk}
	c.Now = g.now
	c.Groups = append(c.Groups, router.Group{Name: "hangzhou", Targets: []router.Target{{
		URI: "sip:10.2.0.11:5060", Host: "10.2.0.11:5060", Addr: secondAddr, Weight: 1, Priority: 1,
	}}})
}

func (g *golden) invite() string {
	contentType, body := "multipart/mixed;boundary=b1", ""
	for _, octets := range g.isup {
		body += "--b1\r\nContent-Type: " + g.label + "\r\n\r\n" + string(octets) + "\r\n"
	}
	body = "--b1\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n" + body + "--b1--\r\n"
	if g.broken {
		contentType = "multipart/mixed"
	}
	return fmt.Sprintf("INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bKgolden;rport\r\n"+
		"From: %s;tag=caller\r\nTo: %s\r\nCall-ID: golden\r\nCSeq: 1 INVITE\r\nX-Serial: forged\r\n"+
		"Contact: <sip:10.1.0.7:5060>\r\nMax-Forwards: 70\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		g.uri, g.from, g.to, g.lines, contentType, len(body), body)
}
