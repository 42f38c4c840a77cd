package sipi_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"sipid/sipi"
)

// tsharkDiffers names the vectors where tshark sees other ISUP octets, each with
// the reason; all others must agree.
var tsharkDiffers = map[string]string{
	"quirk-noclose.sip":            "tshark drops a last part without a closing delimiter",
	"mpart-lf-only.sip":            "tshark does not take LF for a line end here",
	"mpart-empty-isup.sip":         "no octets: tshark shows no ISUP",
	"mpart-empty-isup-no-crlf.sip": "no octets: tshark shows no ISUP",
	"mpart-no-blank-line.sip":      "no octets: tshark shows no ISUP",
}

// TestAgainstTshark lets an independent reader dissect the same messages, in one
// capture, and compares the octets of the ISUP parts.
func TestAgainstTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	var all []vector
	for _, dir := range []string{"testdata/torture", "testdata/vectors"} {
		all = append(all, loadVectors(t, dir)...)
	}
	file := filepath.Join(t.TempDir(), "vectors.pcap")
	if err := os.WriteFile(file, capture(all), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tshark, "-r", file, "-T", "jsonraw", "--no-duplicate-keys")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	var packets []any
	if err := json.Unmarshal(out, &packets); err != nil || len(packets) != len(all) {
		t.Fatalf("%d packets for %d vectors, %v", len(packets), len(all), err)
	}
	agree := 0
	for i, v := range all {
		var b sipi.Body
		if b.Split(v.headers, v.body) != nil {
			continue // refused here: nothing to compare
		}
		ours, theirs := rawISUP(&b), isupIn(packets[i])
		same := slices.EqualFunc(ours, theirs, bytes.Equal)
		switch why, differs := tsharkDiffers[v.file]; {
		case same && differs:
			t.Errorf("%s: agrees, yet is listed (%s)", v.file, why)
		case !same && !differs:
			t.Errorf("%s: ours % x\ntshark's % x", v.file, ours, theirs)
		case same:
			agree++
		}
	}
	t.Logf("%d of %d vectors agree", agree, len(all))
	if agree < 40 {
		t.Errorf("only %d vectors were compared", agree)
	}
}

func rawISUP(b *sipi.Body) (out [][]byte) {
	for _, p := range b.Parts {
		if p.Kind == sipi.ISUP {
			out = append(out, p.Content)
		}
	}
	return out
}

// capture writes a pcap file (link type 101, raw IP) with a UDP datagram for
// each message.
func capture(all []vector) []byte {
	le, be := binary.LittleEndian, binary.BigEndian
	out := le.AppendUint32(nil, 0xa1b2c3d4)
	out = le.AppendUint16(out, 2)
	out = le.AppendUint16(out, 4)
	out = append(out, make([]byte, 8)...)
	out = le.AppendUint32(out, 65535)
	out = le.AppendUint32(out, 101)
	for _, v := range all {
		n := 20 + 8 + len(v.raw)
		out = append(out, make([]byte, 8)...) // the time
		out = le.AppendUint32(out, uint32(n))
		out = le.AppendUint32(out, uint32(n))
		out = append(out, 0x45, 0)
		out = be.AppendUint16(out, uint16(n))
		out = append(out, 0, 1, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 2)
		out = be.AppendUint16(out, 5060)
		out = be.AppendUint16(out, 5060)
		out = be.AppendUint16(out, uint16(n-20))
		out = append(out, 0, 0)
		out = append(out, v.raw...)
	}
	return out
}

// isupIn collects the octets of every "isup_raw" below v, in order. Its value is
// ["hex", position, length, ...], or a list of such.
func isupIn(v any) (out [][]byte) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, isupIn(e)...)
		}
	case map[string]any:
		if raw, ok := v["isup_raw"].([]any); ok {
			out = append(out, rawOctets(raw)...)
		}
		for k, e := range v {
			if k != "isup_raw" {
				out = append(out, isupIn(e)...)
			}
		}
	}
	return out
}

func rawOctets(raw []any) (out [][]byte) {
	for _, e := range raw {
		switch e := e.(type) {
		case string:
			if b, err := hex.DecodeString(e); err == nil {
				return [][]byte{b}
			}
		case []any:
			out = append(out, rawOctets(e)...)
		}
	}
	return out
}
