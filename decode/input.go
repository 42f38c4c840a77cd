package decode

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"sipid/isupbody"
)

// input is one thing to be decoded: octets from hexadecimal, or a file.
type input struct {
	octets []byte
	name   string // of the file; "standard input"
	open   func() (io.ReadCloser, error)
}

// readArguments sorts arguments into files and hexadecimal. Words of hexadecimal
// that follow each other belong together.
func readArguments(args []string, stdin io.Reader) ([]input, error) {
	var inputs []input
	var words []string
	flush := func() error {
		messages, err := hexMessages(words, hexGroup)
		for _, m := range messages {
			inputs = append(inputs, input{octets: m})
		}
		words = nil
		return err
	}
	for _, arg := range args {
		file, err := fileInput(arg, stdin)
		if err != nil {
			return nil, err
		}
		if file == nil {
			words = append(words, arg)
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		inputs = append(inputs, *file)
	}
	return inputs, flush()
}

// fileInput gives the file an argument names; nil: it must be hexadecimal.
func fileInput(arg string, stdin io.Reader) (*input, error) {
	if arg == "-" {
		return &input{name: "standard input", open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }}, nil
	}
	info, err := os.Stat(arg)
	if err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory", arg)
	}
	if err == nil {
		return &input{name: arg, open: func() (io.ReadCloser, error) { return os.Open(arg) }}, nil
	}
	if _, hexErr := hexMessages([]string{arg}, hexGroup); hexErr != nil && !errors.Is(hexErr, errOddHex) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: no such file, and no hexadecimal: %w", arg, hexErr)
		}
		return nil, err
	}
	return nil, nil
}

// errOddHex means hexadecimal digits that make no whole octets, or none at all.
var errOddHex = errors.New("an even number of hexadecimal digits is expected")

// Traces print octets in groups of up to four, and in lines of up to 32.
const (
	hexGroup = 4
	hexLine  = 32
)

// hexMessages makes messages of words, or lines, of hexadecimal. Together they
// are one message, unless each is longer than the pieces a trace prints, or a
// complete message by itself.
func hexMessages(words []string, piece int) ([][]byte, error) {
	var messages [][]byte
	long, complete, odd := true, true, false
	for _, word := range words {
		octets, err := hex.DecodeString(cleanHex(word))
		var bad hex.InvalidByteError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%q is no hexadecimal digit", rune(bad))
		}
		odd = odd || err != nil
		long = long && len(octets) > piece
		if _, err := isupbody.Decode(octets, isupbody.VariantITU); err != nil {
			complete = false
		}
		messages = append(messages, octets)
	}
	if len(words) == 0 {
		return nil, nil
	}
	if !odd && (long || complete) {
		return messages, nil
	}
	octets, err := hex.DecodeString(cleanHex(strings.Join(words, "")))
	if err != nil || len(octets) == 0 {
		return nil, errOddHex
	}
	return [][]byte{octets}, nil
}

// hexLines gives the lines of a text that are not empty.
func hexLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = cleanHex(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// cleanHex takes out what people copy along: 0x, colons, white space.
func cleanHex(s string) string {
	s = strings.TrimPrefix(s, "0x")
	return strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", ":", "").Replace(s)
}

// maxInput bounds what is not a capture: captures are streamed.
const maxInput = 16 << 20

// read decodes one input, whatever it turns out to be.
func (d *decoder) read(in input) error {
	if in.open == nil {
		d.found(&finding{Octets: in.octets})
		return nil
	}
	file, err := in.open()
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewReaderSize(file, 1<<16)
	if magic, _ := buffered.Peek(4); IsCapture(magic) {
		if err := d.capture(buffered); err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(buffered, maxInput+1))
	if err != nil {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	if len(content) > maxInput {
		return fmt.Errorf("%s: over %d octets and no capture", in.name, maxInput)
	}
	return d.content(in.name, content)
}

// content tells a SIP message, hexadecimal text and bare ISUP octets apart.
func (d *decoder) content(name string, content []byte) error {
	if isSIP(content) {
		d.sipMessage("", content)
		return nil
	}
	if isText(content) {
		messages, err := hexMessages(hexLines(string(content)), hexLine)
		if err != nil {
			return fmt.Errorf("%s: no SIP message, no capture, and no hexadecimal: %w", name, err)
		}
		for _, m := range messages {
			d.found(&finding{Octets: m})
		}
		return nil
	}
	d.found(&finding{Octets: content})
	return nil
}

// isText: nothing but printable ASCII and white space. An ISUP message has
// octets below that: its type.
func isText(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool {
		return r > '~' || r < ' ' && r != '\t' && r != '\r' && r != '\n'
	}) < 0
}
