package sipi_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sipid/sipi"
)

// TestNoAllocations guards the path of every call: a good SIP-I body split, its
// ISUP taken out, its SDP left alone.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	var b sipi.Body
	var isup [4][]byte
	h := sipi.Headers{ContentType: []byte(mixedType)}
	content := []byte(mixed(sdpPart, optionalPart, isupPart))
	n := testing.AllocsPerRun(100, func() {
		if err := b.Split(h, content); err != nil {
			t.Fatal(err)
		}
		if got := b.ISUP(isup[:0]); len(got) != 1 {
			t.Fatal("no ISUP")
		}
		if _, ok := b.First(sipi.ISUP).Param("version"); !ok {
			t.Fatal("no version")
		}
		if u, _ := b.Unwrap(nil); !u.Changed || len(u.Content) != len(sdpText) {
			t.Fatal("no SDP")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	rest := []byte(mixed(sdpPart, otherPart, isupPart))
	dst := make([]byte, 0, len(rest))
	n = testing.AllocsPerRun(100, func() {
		if err := b.Split(h, rest); err != nil {
			t.Fatal(err)
		}
		if u, _ := b.Unwrap(dst); !u.Changed || len(u.Content) == 0 {
			t.Fatal("not rebuilt")
		}
	})
	if n != 0 {
		t.Errorf("rebuilding: %v allocations with room in dst, want 0", n)
	}
}

// TestLinearTime: hostile bodies of 60 KB, each built so that some careless way
// of searching becomes quadratic. A quadratic search takes a second and more.
func TestLinearTime(t *testing.T) {
	const size, bound = 60_000, 50 * time.Millisecond
	if raceEnabled {
		t.Skip("the race detector is slow")
	}
	fill := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	deep := "Content-Type: multipart/mixed;boundary=b\r\n\r\n"
	long := strings.Repeat("a", 70)
	for _, c := range []struct {
		name, boundary string
		body           []byte
	}{
		{"delimiters", "b", fill("--b\r\n")},
		{"delimiters with empty parts", "b", fill("--b\r\n\r\n\r\n")},
		{"near misses", "b", fill("--bb\r\n")},
		{"line ends", "b", fill("\n")},
		{"one line of dashes", "-", fill("-")},
		{"lines of dashes", "-", fill("---\n-")},
		{"long boundary, almost", long, fill("\n--" + long[1:] + "b")},
		{"boundary inside a line", long, fill("--" + long)},
		{"padding", "b", append([]byte("--b"), fill(" ")...)},
		{"padding without end, often", "b", fill("\n--b" + strings.Repeat(" ", 500) + "x")},
		{"header lines", "b", append([]byte("--b\r\n"), fill("A:\r\n")...)},
		{"folds", "b", append([]byte("--b\r\nA: x\r\n"), fill(" x\r\n")...)},
		{"white space lines", "b", append([]byte("--b\r\nA: x\r\n"), fill(" \r\n")...)},
		{"one header line", "b", append([]byte("--b\r\nA: "), fill("x")...)},
		{"containers of the same boundary", "b", fill("--b\r\n" + deep)},
		{"containers of another boundary", "b", append([]byte("--b\r\n"+strings.Replace(deep, "=b", "=c", 1)), fill("--c\r\n"+deep)...)},
		{"containers without boundary", "b", fill("--b\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n")},
		{"no boundary", "", fill("--b\r\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := sipi.Headers{ContentType: []byte(`multipart/mixed;boundary="` + c.boundary + `"`)}
			best := time.Hour
			for range 5 {
				var b sipi.Body
				start := time.Now()
				_ = b.Split(h, c.body) // the verdict is the business of other tests
				b.Unwrap(nil)
				best = min(best, time.Since(start))
			}
			if best > bound {
				t.Errorf("%v for %d octets, want under %v", best, len(c.body), bound)
			}
		})
	}
	t.Run("parameters", func(t *testing.T) {
		var b sipi.Body
		start := time.Now()
		_ = b.Split(sipi.Headers{ContentType: append([]byte("multipart/mixed"), fill(`;a="\"b"`)...)}, []byte(normal))
		b.Unwrap(nil)
		if d := time.Since(start); d > bound {
			t.Errorf("%v, want under %v", d, bound)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	var body sipi.Body
	h := sipi.Headers{ContentType: []byte(mixedType)}
	content := []byte(normal)
	b.ReportAllocs()
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if err := body.Split(h, content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrap(b *testing.B) {
	var body sipi.Body
	if err := body.Split(sipi.Headers{ContentType: []byte(mixedType)}, []byte(normal)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if u, _ := body.Unwrap(nil); !u.Changed {
			b.Fatal("unchanged")
		}
	}
}
