package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// progress is a line that says how far long work is. It is shown on a terminal
// only: in a log file it would be noise.
type progress struct {
	out   io.Writer // nil: not a terminal
	what  string
	shown time.Time
}

func newProgress(out io.Writer, what string) *progress {
	if !isTerminal(out) {
		out = nil
	}
	return &progress{out: out, what: what}
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// show redraws the line, at most ten times a second.
func (p *progress) show(done, total int) {
	if p.out == nil || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(p.out, "\r%d of %d %s\x1b[K", done, total, p.what)
}

// clear takes the line away.
func (p *progress) clear() {
	if p.out != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = time.Time{}
	}
}
