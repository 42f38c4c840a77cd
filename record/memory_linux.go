package record

import (
	"fmt"
	"syscall"
)

// madvDontDump keeps pages out of a core dump (madvise(2)); syscall has no name
// for it.
const madvDontDump = 16

// memory takes zeroed memory from the system. The collector neither scans it nor
// takes it for a reason to let the heap grow, it is real only once it is used,
// and a core dump does not have the callers in it.
func memory(size int) ([]byte, error) {
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("record: %d octets of memory: %w", size, err)
	}
	_ = syscall.Madvise(b, madvDontDump) // an old kernel: the dump is larger
	return b, nil
}

// release gives memory back.
func release(b []byte) { _ = syscall.Munmap(b) }
