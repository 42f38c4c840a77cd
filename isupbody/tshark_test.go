package isupbody_test

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sipid/isupbody"
)

// userDLT is the link type that tshark is told to read as ISUP.
const userDLT = 147

// judged are the fields tshark shows of each message, in this order.
var judged = []struct {
	field string
	name  isupbody.ParameterName
}{
	{"isup.called", isupbody.ParamCalledPartyNumber},
	{"isup.calling", isupbody.ParamCallingPartyNumber},
	{"isup.original_called_number", isupbody.ParamOriginalCalledNumber},
	{"isup.redirecting", isupbody.ParamRedirectingNumber},
	{"isup.redirection_number", isupbody.ParamRedirectionNumber},
	{"isup.location_number", isupbody.ParamLocationNumber},
	{"isup.connected_number", isupbody.ParamConnectedNumber},
	{"isup.called_in_number", isupbody.ParamCalledINNumber},
	{"isup.generic_number", isupbody.ParamGenericNumber},
}

// TestTsharkAgrees gives the generated IAMs to tshark, a decoder that is not
// ours, in one run, and compares all numbers, the hop counter, category, medium
// and the list of parameters.
func TestTsharkAgrees(t *testing.T) {
	gs := generate(t, 2, generatedIAMs)
	rows := runTshark(t, gs)
	if len(rows) != len(gs) {
		t.Fatalf("tshark shows %d messages of %d", len(rows), len(gs))
	}
	for i, g := range gs {
		columns := strings.Split(rows[i], "\t")
		if len(columns) != len(judged)+5 {
			t.Fatalf("%d columns: %q", len(columns), rows[i])
		}
		for c, j := range judged {
			if want := strings.Join(g.numbers[j.name], ","); columns[c] != want {
				t.Errorf("%x\n%v: tshark %q, we %q", g.octets, j.name, columns[c], want)
			}
		}
		compareTail(t, g, columns[len(judged):])
		if t.Failed() {
			return
		}
	}
}

// compareTail compares what is not a number.
func compareTail(t *testing.T, g generated, columns []string) {
	t.Helper()
	want := ""
	if g.hop >= 0 {
		want = strconv.Itoa(g.hop)
	}
	if columns[0] != want {
		t.Errorf("%x\nhop counter: tshark %q, we %q", g.octets, columns[0], want)
	}
	if v, err := strconv.ParseUint(columns[1], 0, 8); err != nil || uint8(v) != uint8(g.iam.CallingPartyCategory) {
		t.Errorf("%x\ncategory: tshark %q, we %d", g.octets, columns[1], g.iam.CallingPartyCategory)
	}
	if v, err := strconv.ParseUint(columns[2], 0, 8); err != nil || uint8(v) != uint8(g.iam.TransmissionMedium) {
		t.Errorf("%x\nmedium: tshark %q, we %d", g.octets, columns[2], g.iam.TransmissionMedium)
	}
	if want := parameterList(t, g); columns[3] != want {
		t.Errorf("%x\nparameters: tshark %s, we %s", g.octets, columns[3], want)
	}
	if columns[4] != "" {
		t.Errorf("%x\ntshark calls it malformed", g.octets)
	}
}

// parameterList gives the codes in the order tshark lists them, by our decoder.
func parameterList(t *testing.T, g generated) string {
	t.Helper()
	m, err := isupbody.Decode(g.octets, isupbody.VariantITU)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	optional := false
	for p := range m.Parameters {
		codes = append(codes, strconv.Itoa(int(p.Name)))
		optional = optional || p.Section == isupbody.Optional
	}
	if optional && m.Ended() {
		codes = append(codes, "0")
	}
	return strings.Join(codes, ",")
}

func runTshark(t *testing.T, gs []generated) []string {
	t.Helper()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is not installed: scripts/test installs it, or apt-get install tshark")
	}
	capture := filepath.Join(t.TempDir(), "iams.pcap")
	if err := os.WriteFile(capture, userCapture(gs), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-r", capture, "-o", `uat:user_dlts:"User 0 (DLT=147)","isup","0","","0",""`, "-T", "fields"}
	for _, j := range judged {
		args = append(args, "-e", j.field)
	}
	for _, f := range []string{
		"isup.hop_counter", "isup.calling_partys_category", "isup.transmission_medium_requirement",
		"isup.parameter_type", "_ws.malformed",
	} {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// userCapture is a pcap file with one message a packet, each behind a circuit
// identification code, as ISUP is on a signalling link.
func userCapture(gs []generated) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xA1B2C3D4)
	b = le.AppendUint16(le.AppendUint16(b, 2), 4)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint32(le.AppendUint32(b, 65535), userDLT)
	for _, g := range gs {
		n := uint32(len(g.octets) + 2)
		b = le.AppendUint64(b, 0)
		b = le.AppendUint32(le.AppendUint32(b, n), n)
		b = append(b, 0, 0)
		b = append(b, g.octets...)
	}
	return b
}
