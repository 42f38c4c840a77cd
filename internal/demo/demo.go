package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sipid/internal/sipsim"
	"sipid/screenpop"
	"sipid/sqlite"
)

// The client, the agent and the call of the demo.
const (
	accessID    = "1001"
	clientName  = "Hangzhou switchboard"
	agentNumber = "8001"
	// forged is a header a platform must not be able to set.
	forged = "X-Client-Name: Somebody Else"
)

// userData is what the client system knows of the user who asks for an agent.
func userData() []screenpop.Field {
	return []screenpop.Field{{Name: "name", Value: "王小明"}, {Name: "level", Value: "gold"}, {Name: "menu", Value: "0"}}
}

// patience bounds the call and what comes before it: all of it takes about
// a second.
const patience = 30 * time.Second

// demo is what runs during the demo. What is started registers its end.
type demo struct {
	out      io.Writer
	version  string
	dir      string
	log      logLines
	ends     []func() error
	died     chan error // what ended before it was told to
	received chan *sipsim.Received

	platform   string // URL of the client system
	store      *sqlite.VASStore
	token      string // of the call centre at the client system, and of the platform itself
	agentToken string
	pbx        netip.AddrPort
	proxy      netip.AddrPort
	desk       string // URL of sipid's HTTP side
	screen     agentScreen
}

// Options is what Run is told.
type Options struct {
	Out     io.Writer // gets the steps
	Keep    bool      // leave everything running after the call, until ctx is done
	Version string    // for the logs, which are shown when something goes wrong
}

// Run shows one call. What it started has ended when it returns, and its files
// are gone.
func Run(ctx context.Context, o Options) (err error) {
	out := o.Out
	d := &demo{out: out, version: o.Version, died: make(chan error, 8), received: make(chan *sipsim.Received, 1)}
	if d.dir, err = os.MkdirTemp("", "sipid-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.end()) }()
	fmt.Fprintln(out, "One call from a client system to an agent's screen, everything on this machine.")

	bounded, cancel := context.WithTimeoutCause(ctx, patience, errors.New("the demo did not come to its end in time"))
	defer cancel()
	if err := d.run(bounded); err != nil {
		if log := d.log.text(); log != "" {
			fmt.Fprintf(out, "\nThe log:\n%s\n", log)
		}
		return err
	}
	if o.Keep {
		return d.keep(ctx)
	}
	return nil
}

// run starts everything, in the order of the method's steps, and places the call.
func (d *demo) run(ctx context.Context) error {
	serial, err := d.issueFirst(ctx)
	if err != nil {
		return fmt.Errorf("client system: %w", err)
	}
	if err := d.startCentre(ctx); err != nil {
		return err
	}
	result, err := d.placeCall(ctx, serial)
	if err != nil {
		return fmt.Errorf("the call failed: %w", err)
	}
	return d.show(ctx, serial, result)
}

// keep waits for Ctrl-C.
func (d *demo) keep(ctx context.Context) error {
	next, err := d.issue(ctx, []screenpop.Field{{Name: "name", Value: "陈静"}, {Name: "level", Value: "silver"}, {Name: "menu", Value: "2"}}, "1h")
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, `
Still running, until Ctrl-C

   desk       %s/desk
              sign in with extension %s and token %s
   next call  sipid call --to %s --access-id %s --serial %s --hold 20s
   a serial for one more
              sipid vas issue --db %s --access-id %s name=...
`, d.desk, agentNumber, d.agentToken, d.proxy, accessID, next.Serial, d.file("vas.db"), accessID)
	select {
	case err := <-d.died:
		return err
	case <-ctx.Done():
		fmt.Fprintln(d.out, "\nEnding.")
		return nil
	}
}

// end stops what was started, last first, and removes the files.
func (d *demo) end() error {
	var err error
	for i := len(d.ends) - 1; i >= 0; i-- {
		err = errors.Join(err, d.ends[i]())
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// background runs something until the demo ends.
func (d *demo) background(ctx context.Context, what string, run func(context.Context) error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			d.died <- errors.Join(fmt.Errorf("%s ended by itself", what), err)
			err = nil // told already
		}
		ended <- err
	}()
	d.ends = append(d.ends, func() error { stop(); return <-ended })
}

// await takes what comes, unless something dies before or the time is over.
func await[T any](ctx context.Context, d *demo, comes <-chan T) (T, error) {
	var none T
	select {
	case v := <-comes:
		return v, nil
	case err := <-d.died:
		return none, err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// step prints what comes, and the commands that do the same by hand.
func (d *demo) step(what string, commands ...string) {
	fmt.Fprintf(d.out, "\n%s\n", what)
	for _, c := range commands {
		fmt.Fprintf(d.out, "   $ %s\n", c)
	}
}

func (d *demo) file(name string) string { return filepath.Join(d.dir, name) }

func (d *demo) write(name, content string) error {
	return os.WriteFile(d.file(name), []byte(content), 0o600)
}

// logLines keeps the logs for the case that something goes wrong.
type logLines struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

// Write implements io.Writer.
func (l *logLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(b)
}

func (l *logLines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(l.lines.String())
}

// indented puts blanks before each line; every write is a whole line.
type indented struct{ out io.Writer }

// Write implements io.Writer.
func (w indented) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.out, "   "); err != nil {
		return 0, err
	}
	return w.out.Write(b)
}
