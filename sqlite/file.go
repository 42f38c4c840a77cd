package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// fileID tells one file from another that has its name.
type fileID struct {
	device, inode uint64
}

// fileState changes when a file was written or replaced.
type fileState struct {
	id       fileID
	size     int64
	modified time.Time
}

// statFile looks at the file without opening it. Opening is left to SQLite: on
// POSIX, closing any descriptor of a file drops all locks the process has on it.
func statFile(path string) (fileState, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fileState{}, ErrMissing
	}
	if err != nil {
		return fileState{}, err
	}
	if !info.Mode().IsRegular() {
		return fileState{}, ErrNotRegular
	}
	state := fileState{size: info.Size(), modified: info.ModTime()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		state.id = fileID{device: uint64(s.Dev), inode: s.Ino}
	}
	return state, nil
}

func checkFile(path string) error {
	_, err := statFile(path)
	return err
}
