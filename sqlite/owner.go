package sqlite

import (
	"os"
	"path/filepath"
	"syscall"
)

// giveToFolder gives a database that root opened to the owner of its folder: what
// an operator makes or puts in place must be serve's to read, which is another
// user, and its to bring up to date. SQLite does the same with the files beside
// it. A folder of root's says nothing about who is to read what is in it. What
// root may not do here stays undone.
func giveToFolder(path string) {
	if os.Geteuid() != 0 {
		return
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return
	}
	// Not a link's target: the folder's owner could name any file of the machine.
	if owner, ok := folder.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
		_ = os.Lchown(path, int(owner.Uid), int(owner.Gid))
	}
}
