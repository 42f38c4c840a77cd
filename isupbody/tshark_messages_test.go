package isupbody_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sipid/isupbody"
)

// TestTsharkAgreesOnAllMessages gives random messages of all types to tshark in
// one run and compares every field and octet it shows with what we read.
func TestTsharkAgreesOnAllMessages(t *testing.T) {
	compareMessages(t, generateMessages(t, 5, generatedMessages, isupbody.VariantITU), isupbody.VariantITU, linkCapture)
}

// TestTsharkAgreesOnANSI is the same in the layout of ANSI T1.113, which tshark
// reads where the SIP message around it says so.
func TestTsharkAgreesOnANSI(t *testing.T) {
	compareMessages(t, generateMessages(t, 6, generatedMessages/5, isupbody.VariantANSI), isupbody.VariantANSI, sipCapture)
}

func compareMessages(t *testing.T, gs []generatedMessage, v isupbody.Variant, capture func([]generatedMessage) []byte) {
	t.Helper()
	rows := judgeMessages(t, capture(gs))
	if len(rows) != len(gs) {
		t.Fatalf("tshark shows %d messages of %d", len(rows), len(gs))
	}
	compared, wrong := map[string]int{}, 0
	for i, g := range gs {
		columns := strings.Split(rows[i], "\t")
		if len(columns) != len(judgedFields)+4 {
			t.Fatalf("%d columns: %q", len(columns), rows[i])
		}
		m, err := isupbody.Decode(g.octets, v)
		if err != nil {
			t.Fatal(err)
		}
		types, ps := parametersWithin(t, &m)
		if v == isupbody.VariantANSI && types[len(types)-1] == "16" {
			continue // exception: ansi-release-complete
		}
		check := func(field, got, want string) {
			if got != want {
				t.Errorf("%x\n%s: tshark %q, we %q", g.octets, field, got, want)
				wrong++
			}
			if want != "" {
				compared[field]++
			}
		}
		if !sound(columns[0], ps) {
			check("_ws.malformed", columns[0], "")
		}
		check("isup.message_type", plain(columns[1]), strings.Join(types, ","))
		codes, lengths := skeleton(ps, &m)
		check("isup.parameter_type", plain(columns[2]), codes)
		check("isup.parameter_length", plain(columns[3]), lengths)
		for c, j := range judgedFields {
			if v == isupbody.VariantANSI && ansiFields[j.field] {
				continue
			}
			var want []string
			for _, p := range ps {
				want = append(want, j.of(p)...)
			}
			check(j.field, plain(columns[c+4]), strings.Join(want, ","))
		}
		if wrong > 10 {
			t.FailNow()
		}
	}
	for _, j := range judgedFields {
		if compared[j.field] == 0 && v == isupbody.VariantITU {
			t.Errorf("%s was never compared", j.field)
		}
	}
}

// ansiFields have other names in tshark where the message is ANSI.
var ansiFields = map[string]bool{ // exception: ansi-names
	"isup.network_identification_plan": true, "isup.transit_network_selection": true,
	"isup.cause_indicators": true, "q931.cause_location": true,
	"isup.type_of_network_identification": true, "isup.cause_indicator": true,
}

// parametersWithin gives all parameters of a message in wire order; those of a
// PAM are those of the message it carries.
func parametersWithin(t *testing.T, m *isupbody.Message) (types []string, ps []isupbody.Parameter) {
	t.Helper()
	types = []string{strconv.Itoa(int(m.Type()))}
	if m.Type() != isupbody.MessagePAM {
		return types, list(m)
	}
	inner, err := m.PassedAlong()
	if err != nil {
		t.Fatal(err)
	}
	more, ps := parametersWithin(t, &inner)
	return append(types, more...), ps
}

// skeleton gives the codes and lengths in the order tshark lists them.
func skeleton(ps []isupbody.Parameter, _ *isupbody.Message) (codes, lengths string) {
	var c, l []string
	optional := false
	for _, p := range ps {
		c = append(c, strconv.Itoa(int(p.Name)))
		if p.Section != isupbody.Fixed {
			l = append(l, strconv.Itoa(len(p.Contents)))
		}
		optional = optional || p.Section == isupbody.Optional
	}
	if optional {
		c = append(c, "0")
	}
	return strings.Join(c, ","), strings.Join(l, ",")
}

// sound says whether tshark finds nothing wrong, or only what it calls malformed
// and is not.
func sound(column string, ps []isupbody.Parameter) bool {
	for _, p := range ps {
		if n, err := p.Number(); err == nil && len(withST(n)) > maxTsharkDigits {
			return true // exception: too-many-digits
		}
	}
	return column == ""
}

// plain makes tshark's numbers decimal and its flags 0 and 1.
func plain(column string) string {
	if column == "" {
		return ""
	}
	var values []string
	for v := range strings.SplitSeq(column, ",") {
		switch {
		case v == "<MISSING>": // shown, but without octets
			continue
		case v == "True":
			v = "1"
		case v == "False":
			v = "0"
		case strings.HasPrefix(v, "0x"):
			if n, err := strconv.ParseUint(v, 0, 64); err == nil {
				v = strconv.FormatUint(n, 10)
			}
		}
		values = append(values, v)
	}
	return strings.Join(values, ",")
}

func judgeMessages(t *testing.T, packets []byte) []string {
	t.Helper()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is not installed: scripts/test installs it, or apt-get install tshark")
	}
	capture := filepath.Join(t.TempDir(), "messages.pcap")
	if err := os.WriteFile(capture, packets, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-r", capture, "-o", `uat:user_dlts:"User 0 (DLT=147)","isup","0","","0",""`,
		"-o", "isup.defragment_apm:FALSE", "-T", "fields"}
	for _, field := range []string{"_ws.malformed", "isup.message_type", "isup.parameter_type", "isup.parameter_length"} {
		args = append(args, "-e", field)
	}
	for _, j := range judgedFields {
		args = append(args, "-e", j.field)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// linkCapture is a capture of a signalling link.
func linkCapture(gs []generatedMessage) []byte {
	packets := make([]generated, len(gs))
	for i, g := range gs {
		packets[i].octets = g.octets
	}
	return userCapture(packets)
}

// sipCapture is a capture of SIP over UDP with an ANSI message in each packet.
func sipCapture(gs []generatedMessage) []byte {
	const rawIP = 101
	le, be := binary.LittleEndian, binary.BigEndian
	b := le.AppendUint32(nil, 0xA1B2C3D4)
	b = le.AppendUint16(le.AppendUint16(b, 2), 4)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint32(le.AppendUint32(b, 65535), rawIP)
	for _, g := range gs {
		sip := fmt.Appendf(nil, "INFO sip:a@b SIP/2.0\r\nContent-Type: application/ISUP;version=ansi00\r\nContent-Length: %d\r\n\r\n%s", len(g.octets), g.octets)
		n := 20 + 8 + len(sip)
		b = le.AppendUint64(b, 0)
		b = le.AppendUint32(le.AppendUint32(b, uint32(n)), uint32(n))
		b = be.AppendUint16(append(b, 0x45, 0), uint16(n))
		b = append(b, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2)
		b = be.AppendUint16(be.AppendUint16(b, 5060), 5060)
		b = be.AppendUint16(b, uint16(8+len(sip)))
		b = append(append(b, 0, 0), sip...)
	}
	return b
}
