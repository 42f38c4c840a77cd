package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"sipid/sqlite"
)

// Of two stores of one process on one file the first is closed: the other one's
// locks stay. Without them another process would take it for closed, and the
// write-ahead log away.
func TestVASCloseKeepsOthersLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vas.db")
	first, err := sqlite.OpenVAS(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() }) // behind the second store: it drops the locks, too
	openVAS(t, path)
	if !isLocked(t, file) {
		t.Fatal("two open stores hold no lock")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if !isLocked(t, file) {
		t.Error("one is open and holds no lock")
	}
}

// isLocked says whether an open file description other than this one would have
// to wait for the file.
func isLocked(t *testing.T, file *os.File) bool {
	t.Helper()
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
		t.Fatal(err)
	}
	return lock.Type != unix.F_UNLCK
}
