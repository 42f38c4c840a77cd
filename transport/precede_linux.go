package transport

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// ahead is how many steps of nice a reader is before the other threads: each gives
// it a quarter more of a processor that both want.
const ahead = 10

// precedence is a thread's, while its reader goes before others.
type precedence struct {
	has  bool
	nice int // what it had before
}

// precede has the calling goroutine, the reader, run before the process's other
// threads where they share a processor, or no more. Whoever may not (RLIMIT_NICE,
// CAP_SYS_NICE) runs on as before.
func (s *udpSocket) precede(on bool) {
	p := &s.first
	switch {
	case on && !p.has:
		runtime.LockOSThread()
		was, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // of this thread, counted from 20 down
		p.nice = 20 - was
		if err != nil || unix.Setpriority(unix.PRIO_PROCESS, 0, p.nice-ahead) != nil {
			runtime.UnlockOSThread()
			return
		}
		p.has = true
	case !on && p.has:
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, p.nice) // less is allowed to everybody
		runtime.UnlockOSThread()
		p.has = false
	}
}
