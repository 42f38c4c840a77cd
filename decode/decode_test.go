package decode_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sipid/decode"
)

var updateDecode = flag.Bool("update", false, "rewrite the expected output in testdata")

// runDecode runs `sipid decode` with those arguments.
func runDecode(stdin io.Reader, args ...string) (stdout, stderr string, err error) {
	var out, warnings bytes.Buffer
	o := decode.Options{In: stdin, Out: &out, Warnings: &warnings}
	if args[0] == "--json" {
		o.JSON, args = true, args[1:]
	}
	err = decode.Arguments(args, o)
	return out.String(), warnings.String(), err
}

// TestDecodeFiles compares what is printed for each file in testdata
// with the transcript beside it: the tree, the JSON, warnings and the error.
func TestDecodeFiles(t *testing.T) {
	var inputs []string
	for _, pattern := range []string{"*.hex", "*.sip", "*.bin"} {
		found, err := filepath.Glob("testdata/" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s in testdata: %v", pattern, err)
		}
		inputs = append(inputs, found...)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			got := decodeTranscript(input)
			golden := input + ".txt"
			if *updateDecode {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%v\ngot:\n%s\nwant:\n%s", err, got, want)
			}
		})
	}
}

// decodeTranscript is what a terminal would show, the JSON indented.
func decodeTranscript(input string) string {
	var b strings.Builder
	show := func(stdout, stderr string, err error) {
		b.WriteString(stdout)
		b.WriteString(stderr)
		if err != nil {
			b.WriteString("error: " + err.Error() + "\n")
		}
	}
	show(runDecode(nil, input))
	stdout, stderr, err := runDecode(nil, "--json", input)
	var indented bytes.Buffer
	if e := json.Indent(&indented, []byte(stdout), "", " "); e != nil {
		stdout = "no JSON: " + stdout
	} else {
		stdout = indented.String()
	}
	b.WriteString("-- json --\n")
	show(stdout, stderr, err)
	return b.String()
}

const (
	answerHex  = "0900"
	releaseHex = "0c0200028a91"
	typicalHex = "010020010a0302070503905961f50a088313758188888808280a0310011000002143658700"
)

// messagesOf gives the message names in a JSON answer.
func messagesOf(t *testing.T, stdout string) string {
	t.Helper()
	var all []struct {
		Message string
		Hex     string
	}
	if err := json.Unmarshal([]byte(stdout), &all); err != nil {
		t.Fatalf("%q: %v", stdout, err)
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Message)
	}
	return strings.Join(names, " ")
}

// TestDecodeArguments tells one message in pieces from several messages.
func TestDecodeArguments(t *testing.T) {
	pieces := func(s string, octets int) []string {
		var words []string
		for len(s) > 2*octets {
			words, s = append(words, s[:2*octets]), s[2*octets:]
		}
		return append(words, s)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"One":            {[]string{answerHex}, "ANM"},
		"Prefix":         {[]string{"0x" + strings.ToUpper(releaseHex)}, "REL"},
		"Spaces":         {[]string{"0c 02 00 02\t8a:91"}, "REL"},
		"Octets":         {pieces(typicalHex, 1), "IAM"},
		"Groups":         {pieces(typicalHex, 2), "IAM"},
		"WideGroups":     {pieces(typicalHex, 4), "IAM"},
		"Several":        {[]string{typicalHex, releaseHex}, "IAM REL"},
		"SeveralShort":   {[]string{answerHex, "1000"}, "ANM RLC"},
		"SeveralOneCut":  {[]string{typicalHex, typicalHex[:40]}, "IAM IAM"},
		"HalfOctets":     {[]string{"0", "900"}, "ANM"},
		"FileBetweenHex": {[]string{answerHex, "testdata/rlc.sip", "0c02", "00028a91"}, "ANM RLC REL"},
		"SeveralFiles":   {[]string{"testdata/rlc.sip", "testdata/answer.bin"}, "RLC ANM"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, err := runDecode(nil, append([]string{"--json"}, c.args...)...)
			if err != nil || stderr != "" {
				t.Fatalf("%v, %q", err, stderr)
			}
			if got := messagesOf(t, stdout); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestDecodeFileWins reads a file whose name is hexadecimal.
func TestDecodeFileWins(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(answerHex, []byte(releaseHex), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _, err := runDecode(nil, "--json", answerHex)
	if got := messagesOf(t, stdout); err != nil || got != "REL" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestDecodeStandardInput(t *testing.T) {
	rlc, err := os.ReadFile("testdata/rlc.sip")
	if err != nil {
		t.Fatal(err)
	}
	dump := typicalHex[:32] + "\n" + typicalHex[32:64] + "\n" + typicalHex[64:] + "\n"
	for _, c := range []struct{ content, want string }{
		{string(rlc), "RLC"}, {releaseHex + "\n", "REL"}, {"\x10\x00", "RLC"}, {dump, "IAM"},
		{typicalHex + "\n" + typicalHex[:66] + "\n", "IAM IAM"}, {"0900\r\n\r\n1000", "ANM RLC"},
	} {
		stdout, stderr, err := runDecode(strings.NewReader(c.content), "--json", "-")
		if got := messagesOf(t, stdout); err != nil || stderr != "" || got != c.want {
			t.Errorf("%.40q: %s, %v, %q", c.content, got, err, stderr)
		}
	}
}

func TestDecodeRefusals(t *testing.T) {
	directory := t.TempDir()
	large := filepath.Join(directory, "large")
	if err := os.WriteFile(large, make([]byte, 17<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(directory, "text")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(directory, "cut")
	if err := os.WriteFile(cut, []byte("\xd4\xc3\xb2\xa1\x02"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, arg, want string
	}{
		{"NoSuchFile", "no.sip", "no.sip: no such file, and no hexadecimal: 'n' is no hexadecimal digit"},
		{"OddDigits", "0c0", "an even number of hexadecimal digits is expected"},
		{"Empty", "", "an even number of hexadecimal digits is expected"},
		{"Directory", directory, directory + ": is a directory"},
		{"TooLarge", large, large + ": over 16777216 octets and no capture"},
		{"Text", text, text + ": no SIP message, no capture, and no hexadecimal: 'h' is no hexadecimal digit"},
		{"CutCapture", cut, cut + ": unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := runDecode(nil, c.arg)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	t.Run("UnknownType", func(t *testing.T) {
		stdout, _, err := runDecode(nil, "--json", "ff01")
		if got := messagesOf(t, stdout); err == nil || got != "unknown message 0xff" {
			t.Errorf("%s, %v", got, err)
		}
	})
	t.Run("ArrayIsClosed", func(t *testing.T) {
		stdout, _, err := runDecode(nil, "--json", answerHex, text)
		if got := messagesOf(t, stdout); err == nil || got != "ANM" {
			t.Errorf("%s, %v", got, err)
		}
	})
}
