package sqlite

import (
	"os"
	"sync"
)

// flusher forces a database file out to the disk beside the commits, so that
// SQLite's own fsync, which the write-ahead log waits for before it begins anew,
// finds little left. Durability rests on SQLite's alone: when a disk fails, the
// kernel says so to every descriptor, to SQLite's as well as to this one.
//
// On POSIX, closing any descriptor of a file drops all locks the process has on
// it. So the stores of a process that have the same file open share a flusher,
// and it is closed behind the connections of the last one.
type flusher struct {
	file   *os.File
	id     fileID
	stores int
}

var flushers = struct {
	sync.Mutex
	of map[fileID]*flusher
}{of: make(map[fileID]*flusher)}

func openFlusher(path string) (*flusher, error) {
	flushers.Lock()
	defer flushers.Unlock()
	state, err := statFile(path)
	if err != nil {
		return nil, err
	}
	f := flushers.of[state.id]
	if f == nil {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		f = &flusher{file: file, id: state.id}
		flushers.of[state.id] = f
	}
	f.stores++
	return f, nil
}

// flush waits until what was written to the file is on the disk. An error is
// left to SQLite, which meets it too.
func (f *flusher) flush() { _ = f.file.Sync() }

func (f *flusher) close() error {
	flushers.Lock()
	defer flushers.Unlock()
	if f.stores--; f.stores > 0 {
		return nil
	}
	delete(flushers.of, f.id)
	return f.file.Close()
}
