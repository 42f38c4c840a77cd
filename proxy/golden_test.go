package proxy_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
	"sipid/router/routertest"
)

// golden is a decision of the router's testdata as a message.
type golden struct {
	*routertest.Decision
	status string
}

func readGolden(t *testing.T, file string) *golden {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{Decision: routertest.ReadDecision(t, string(text))}
	g.status = strings.TrimSpace(regexp.MustCompile(`X-Identify-Status: (\S+)`).FindStringSubmatch(g.Want)[1])
	return g
}

// withoutTag is a From or To of a call that begins; fallback where none is given.
func withoutTag(value, fallback string) string {
	return regexp.MustCompile(`;tag=\S*`).ReplaceAllString(cmp.Or(value, fallback), "")
}

func (g *golden) change(_ *proxy.Options, c *router.Config) {
	g.Trunk.Name, g.Trunk.Sources = "default", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	c.Trunks = []router.Trunk{g.Trunk}
	c.Now = g.Now
	c.Groups = append(c.Groups, router.Group{Name: "hangzhou", Targets: []router.Target{{
		URI: "sip:10.2.0.11:5060", Host: "10.2.0.11:5060", Addr: secondAddr, Weight: 1, Priority: 1,
	}}})
}

func (g *golden) invite() string {
	contentType, body := "multipart/mixed;boundary=b1", ""
	label := cmp.Or(g.ISUPLabel, "application/isup;version=itu-t92+")
	for _, octets := range g.ISUP {
		body += "--b1\r\nContent-Type: " + label + "\r\n\r\n" + string(octets) + "\r\n"
	}
	body = "--b1\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n" + body + "--b1--\r\n"
	if g.BodyError != "" {
		contentType = "multipart/mixed"
	}
	lines := ""
	for _, h := range g.Headers {
		lines += h.Name + ": " + h.Value + "\r\n"
	}
	return fmt.Sprintf("INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bKgolden;rport\r\n"+
		"From: %s;tag=caller\r\nTo: %s\r\nCall-ID: golden\r\nCSeq: 1 INVITE\r\nX-Serial: forged\r\n"+
		"Contact: <sip:10.1.0.7:5060>\r\nMax-Forwards: 70\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		cmp.Or(g.RequestURI, "sip:95165@10.0.0.5"), withoutTag(g.From, "<sip:anonymous@anonymous.invalid>"),
		withoutTag(g.To, "<sip:95165@10.0.0.5>"), lines, contentType, len(body), body)
}
