package sipmsg_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"sipid/sipmsg"
)

// addSeeds gives a fuzz target all messages there are.
func addSeeds(f *testing.F, add func(raw []byte)) {
	for _, s := range loadSeeds(f, "own", "torture") {
		if len(s.raw) < 16<<10 {
			add(s.raw)
		}
	}
	for _, raw := range loadRFC4475(f) {
		add(raw)
	}
	add(benchINVITE())
}

// addFields gives a fuzz target the headers of all messages, each once.
func addFields(f *testing.F, add func(field)) {
	seen := make(map[field]bool)
	addSeeds(f, func(raw []byte) {
		_, _, fields, err := strictHeaders(string(raw))
		for _, h := range fields {
			if err == nil && !seen[h] {
				seen[h] = true
				add(h)
			}
		}
	})
	if len(seen) == 0 {
		f.Fatal("no headers in the messages of testdata")
	}
}

// FuzzParse: whatever comes in, what is accepted reads the same to an
// independent strict reader and hides no trusted name from a lenient one; what
// is refused is answered with a message a strict reader accepts, or not at all.
func FuzzParse(f *testing.F) {
	addSeeds(f, func(raw []byte) { f.Add(raw) })
	var m sipmsg.Message
	f.Fuzz(func(t *testing.T, raw []byte) {
		kept := bytes.Clone(raw)
		err := m.Parse(raw)
		if !bytes.Equal(kept, raw) {
			t.Fatal("Parse changed its input")
		}
		if err != nil {
			var e *sipmsg.Error
			if !errors.As(err, &e) || e.Err == nil || e.Offset < 0 || e.Offset > len(raw) {
				t.Fatalf("error %#v", err)
			}
			checkAnswer(t, &m)
			return
		}
		checkAccepted(t, &m, raw)
		if m.Request {
			checkAnswer(t, &m)
		}
	})
}

// FuzzSplice: edits at places the input chooses. All octets that are not edited
// leave as they came; with headers taken out and put in, the others read the same.
func FuzzSplice(f *testing.F) {
	addSeeds(f, func(raw []byte) { f.Add(raw, []byte("\x10\x05\x20\x00\x07\x30")) })
	var m sipmsg.Message
	var s sipmsg.Splice
	f.Fuzz(func(t *testing.T, raw, places []byte) {
		if m.Parse(raw) != nil {
			return
		}
		s.Reset(&m)
		var ops []op
		pos := 0
		for i := 0; i+1 < len(places); i += 2 {
			o := op{at: pos + int(places[i]), n: int(places[i+1]), text: fmt.Sprintf("[%d]", i)}
			if o.at+o.n > len(m.Raw) {
				break
			}
			ops = append(ops, o)
			s.Replace(sipmsg.Span{Start: o.at, End: o.at + o.n}, []byte(o.text))
			pos = o.at + o.n + 1
		}
		if got, want := s.Append(nil), model(m.Raw, ops); !bytes.Equal(got, want) {
			t.Fatalf("%v: %q, want %q", ops, got, want)
		}
		checkRewrite(t, &m, &s)
	})
}

// checkRewrite does to a message what a proxy does and looks at what leaves with
// the strict reader.
func checkRewrite(t *testing.T, m *sipmsg.Message, s *sipmsg.Splice) {
	t.Helper()
	s.Reset(m)
	s.Insert(m.Headers[0].Line.Start, []byte("Via: SIP/2.0/UDP own;branch=z9hG4bKown\r\n"))
	var want []field
	want = append(want, field{"Via", "SIP/2.0/UDP own;branch=z9hG4bKown"})
	for _, h := range m.Headers {
		if h.Cut || h.ID.Trusted() {
			s.Delete(h.Line)
			continue
		}
		want = append(want, field{string(m.Bytes(h.Name)), string(m.Bytes(h.Value))})
	}
	own, err := sipmsg.AppendHeader(nil, sipmsg.HeaderAccessID, "1001")
	if err != nil {
		t.Fatal(err)
	}
	s.Insert(m.HeadEnd, own)
	want = append(want, field{"X-Access-ID", "1001"})
	out := string(s.Append(nil))
	first, body, got, err := strictHeaders(out)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%q reads as %q (%v), want %q", out, got, err, want)
	}
	if start, _, _ := strings.Cut(string(m.Raw), "\r\n"); first != start || body != string(m.Bytes(m.Body)) {
		t.Fatalf("start line %q or body %q changed", first, body)
	}
	if seen := lenientTrusted(out); len(seen) != 1 || seen[0] != "x-access-id" {
		t.Fatalf("trusted names: %v", seen)
	}
}

// FuzzAppendHeader: one line comes out, with the name and value that went in, or
// an error and nothing.
func FuzzAppendHeader(f *testing.F) {
	addFields(f, func(h field) { f.Add(h.name, h.value) })
	f.Add("X-Client-Name", "a\r\nX-Access-ID: 1")
	f.Add("X", "\x00")
	f.Add("X\r\nY", "\xff")
	f.Fuzz(func(t *testing.T, name, value string) {
		out, err := sipmsg.AppendHeader([]byte("before\r\n"), name, value)
		goodName := name != "" && strings.Trim(name, tokenOctets) == ""
		goodValue := utf8.ValidString(value) && !strings.ContainsAny(value, "\r\n\x00")
		if err != nil {
			if string(out) != "before\r\n" || goodName && goodValue {
				t.Fatalf("%q, %v for %q %q", out, err, name, value)
			}
			return
		}
		if !goodName || !goodValue || string(out) != "before\r\n"+name+": "+value+"\r\n" {
			t.Fatalf("%q for %q %q", out, name, value)
		}
		_, _, fields, err := strictHeaders(string(out) + "\r\n")
		if err != nil || len(fields) != 1 || fields[0].name != name {
			t.Fatalf("%q reads as %q (%v)", out, fields, err)
		}
	})
}

// FuzzValues: the readers of values never panic; what they give are parts of
// what went in, and put together again it is the same.
func FuzzValues(f *testing.F) {
	addFields(f, func(h field) { f.Add([]byte(h.value)) })
	f.Fuzz(func(t *testing.T, b []byte) {
		if u, err := sipmsg.ParseURI(b); err == nil {
			checkURI(t, b, u)
		}
		if a, err := sipmsg.ParseNameAddr(b); err == nil {
			if len(a.URI) == 0 || bytes.ContainsAny(a.URI, " \t\r\n<>\"\x00") || !bytes.Contains(b, a.URI) || !bytes.HasSuffix(b, a.Params) {
				t.Fatalf("%q: %q", b, a)
			}
			sipmsg.Param(a.Params, "tag")
		}
		sipmsg.Param(b, "x")
		seen := 0
		for rest := b; len(rest) > 0; {
			before := len(rest)
			var v []byte
			v, rest = sipmsg.NextValue(rest)
			seen += len(v)
			if len(rest) >= before || !bytes.Contains(b, v) {
				t.Fatalf("%q gives %q and %q", b, v, rest)
			}
		}
		if seen > len(b) {
			t.Fatalf("%q gives %d octets", b, seen)
		}
	})
}

func checkURI(t *testing.T, b []byte, u sipmsg.URI) {
	t.Helper()
	again := append(append([]byte{}, u.Scheme...), ':')
	again = append(again, u.User...)
	if len(u.Host) > 0 {
		if len(u.User) > 0 {
			again = append(again, '@')
		}
		again = append(again, u.Host...)
	}
	if u.Port != 0 {
		at := len(again)
		again = fmt.Appendf(again, ":%d", u.Port)
		if digits := bytes.TrimLeft(b[at+1:], "0"); len(digits) != len(b)-at-1 { // leading zeros are not kept
			b = append(append(append([]byte{}, b[:at]...), ':'), digits...)
		}
	}
	again = append(append(again, u.Params...), u.Headers...)
	if !bytes.Equal(again, b) {
		t.Fatalf("%q comes apart as %q", b, again)
	}
	if bytes.ContainsAny(b, " \t\r\n<>\"\x00") {
		t.Fatalf("%q is accepted", b)
	}
}
