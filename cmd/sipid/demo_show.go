package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sipid/internal/sipsim"
	"sipid/isupbody"
	"sipid/sipi"
	"sipid/sipmsg"
)

// messageLines makes a SIP message readable: the head and text parts as they
// are, ISUP as octets and parameters.
func messageLines(raw []byte) []string {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	var m sipmsg.Message
	contentType := []byte(nil)
	if err := m.Parse(raw); err == nil {
		if h, ok := m.First(sipmsg.IDContentType); ok {
			contentType = m.Bytes(h.Value)
		}
	}
	lines = append(lines, "")
	var b sipi.Body
	if err := b.Split(sipi.Headers{ContentType: contentType}, body); err != nil {
		return append(lines, textLines(body)...)
	}
	if !b.IsMultipart() {
		return append(lines, contentLines(b.Parts[0])...)
	}
	delimiter, _, _ := strings.Cut(string(body), "\r\n") // the trunk writes no preamble
	for _, p := range b.Parts {
		lines = append(lines, delimiter)
		lines = append(lines, textLines(p.Header)...)
		lines = append(lines, "")
		lines = append(lines, contentLines(p)...)
	}
	return append(lines, delimiter+"--")
}

func contentLines(p sipi.Part) []string {
	if p.Kind == sipi.ISUP {
		return isupLines(p.Content)
	}
	return textLines(p.Content)
}

func textLines(text []byte) []string {
	trimmed := strings.TrimRight(string(text), "\r\n")
	if trimmed == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(trimmed, "\r\n", "\n"), "\n")
}

// isupLines prints a message as octets, and as "sipid decode" shows it.
func isupLines(octets []byte) []string {
	var lines []string
	for row := range slices.Chunk(octets, 16) {
		lines = append(lines, fmt.Sprintf("% x", row))
	}
	found := isupFound{Octets: octets}
	m, err := isupbody.Decode(octets, found.Label)
	var tree bytes.Buffer
	// A buffer takes everything.
	_ = (&treeOutput{w: &tree}).message(&found, &m, decodeWarnings(&found, &m, err))
	return append(lines, textLines(tree.Bytes())...)
}

// common marks the lines that stand in both texts in the same order: a longest
// common subsequence.
func common(a, b []string) (inA, inB []bool) {
	// length[i][j] is that of a[i:] and b[j:].
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	inA, inB = make([]bool, len(a)), make([]bool, len(b))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			inA[i], inB[j] = true, true
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return inA, inB
}

func printLines(out io.Writer, lines []string, kept []bool, mark string) {
	for i, line := range lines {
		m := mark
		if kept[i] {
			m = " "
		}
		fmt.Fprintln(out, strings.TrimRight(" "+m+" "+visible(line), " "))
	}
}

// checkDemo names everything at the PBX that is not as it should be.
func checkDemo(result sipsim.Result, r *sipsim.Received) error {
	var problems []string
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, want := range []sipsim.Header{
		{Name: sipmsg.HeaderAccessID, Value: demoAccessID}, {Name: sipmsg.HeaderSerial, Value: demoSerial},
		{Name: sipmsg.HeaderClientName, Value: demoName}, {Name: sipmsg.HeaderClientEndpoint, Value: demoEndpoint},
		{Name: sipmsg.HeaderIdentifyStatus, Value: "resolved"}, {Name: sipmsg.HeaderIdentifySource, Value: "isup-original-called"},
	} {
		var values []string
		for _, h := range r.Headers {
			if strings.EqualFold(h.Name, want.Name) {
				values = append(values, h.Value)
			}
		}
		if len(values) != 1 || values[0] != want.Value {
			wrong("%s at the PBX: %q, want %q", want.Name, values, want.Value)
		}
	}
	if r.ISUP != nil {
		wrong("ISUP is left in the body at the PBX")
	}
	if len(r.Body) == 0 || !bytes.Contains(result.Invite, r.Body) || r.ContentType != sipi.TypeSDP {
		wrong("the body at the PBX is not the SDP part as it was sent")
	}
	if result.ClearedBy != "caller" {
		wrong("the call was cleared by the %s", result.ClearedBy)
	}
	if len(problems) > 0 {
		return errors.New("not as it should be: " + strings.Join(problems, "; "))
	}
	return nil
}
