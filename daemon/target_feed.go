package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"sipid/api"
	"sipid/router"
	"sipid/sqlite"
)

// targetLook is how often the file is looked at for what another process wrote.
const targetLook = 250 * time.Millisecond

// targetPatience bounds the wait for the file at the start: calls wait for it.
const targetPatience = 2 * time.Second

// MatchTargets finds the targets that are meant: by URI, in the named group or,
// when group is empty, in all. The error, api.ErrNoTarget, names those there are.
func MatchTargets(groups []router.Group, group, uri string) ([]sqlite.TargetKey, error) {
	var found []sqlite.TargetKey
	var all []string
	for _, g := range groups {
		for _, t := range g.Targets {
			if t.URI == uri && (group == "" || group == g.Name) {
				found = append(found, sqlite.TargetKey{Group: g.Name, URI: uri})
			}
			all = append(all, t.URI+" of "+g.Name)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	name := uri
	if group != "" {
		name += " of " + group
	}
	return nil, fmt.Errorf("%w: %s; there are %s", api.ErrNoTarget, name, strings.Join(all, ", "))
}

// targetFeed brings what operators said of PBX targets to the proxy, and keeps
// it. The file says what holds; it is read again and again, so that the command
// line needs no way to us.
type targetFeed struct {
	path   string
	groups []router.Group
	set    func(group, uri string, out bool) int
	log    *slog.Logger

	mu    sync.Mutex // of what follows
	store *sqlite.TargetStore
	file  os.FileInfo // that store has open
	fault string      // what was logged last
}

// change takes targets out, or in. When it returns nil, that is on disk and holds.
func (f *targetFeed) change(ctx context.Context, group, uri string, out bool) error {
	keys, err := MatchTargets(f.groups, group, uri)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.open(ctx); err != nil {
		return err
	}
	for _, k := range keys {
		if err := f.store.SetDrained(ctx, k, out); err != nil {
			return err
		}
	}
	return f.apply(ctx)
}

// run looks at the file until ctx is done. first is called after the first look.
func (f *targetFeed) run(ctx context.Context, first func()) {
	look := time.NewTicker(targetLook)
	defer look.Stop()
	for {
		f.look(ctx)
		first()
		first = func() {}
		select {
		case <-ctx.Done():
			f.close()
			return
		case <-look.C:
		}
	}
}

// look takes up what is in the file. One that cannot be read changes nothing, and
// neither does one that is gone.
func (f *targetFeed) look(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := os.Stat(f.path)
	switch {
	case err == nil:
		if err = f.open(ctx); err == nil {
			err = f.apply(ctx)
		}
	case errors.Is(err, fs.ErrNotExist) && f.store == nil:
		return // nobody was ever drained
	}
	switch {
	case ctx.Err() != nil:
	case err == nil && f.fault != "":
		f.fault = ""
		f.log.Info("targets database can be read again", "file", f.path)
	case err != nil && f.fault != err.Error():
		f.fault = err.Error()
		f.log.Error("targets database cannot be read: who is drained stays as it was", "file", f.path, "err", err)
	}
}

// open opens the file, anew when another one lies in its place. The mutex is held.
func (f *targetFeed) open(ctx context.Context) error {
	now, err := os.Stat(f.path)
	if f.store != nil && err == nil && os.SameFile(now, f.file) {
		return nil
	}
	if f.store != nil {
		_ = f.store.Close() // nothing is lost: each write was finished
		f.store = nil
	}
	store, err := sqlite.OpenTargets(ctx, f.path)
	if err != nil {
		return err
	}
	if f.file, err = os.Stat(f.path); err != nil {
		_ = store.Close()
		return err
	}
	f.store = store
	return nil
}

// apply brings the file's word to the proxy. The mutex is held.
func (f *targetFeed) apply(ctx context.Context) error {
	drained, err := f.store.Drained(ctx)
	if err != nil {
		return err
	}
	for _, g := range f.groups {
		for _, t := range g.Targets {
			f.set(g.Name, t.URI, drained[sqlite.TargetKey{Group: g.Name, URI: t.URI}])
		}
	}
	return nil
}

func (f *targetFeed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.store != nil {
		_ = f.store.Close()
		f.store = nil
	}
}

// start begins to look, and waits for the first look: who is drained gets no
// call of a process that just started. A file on a dead disk is not waited for.
func (f *targetFeed) start(ctx context.Context) {
	looked := make(chan struct{})
	go f.run(ctx, func() { close(looked) })
	select {
	case <-looked:
	case <-time.After(targetPatience):
		f.log.Error("targets database is slow to read: no target is drained until it was", "file", f.path)
	}
}
