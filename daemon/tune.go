package daemon

import (
	"os"
	"runtime"
	"runtime/debug"

	"sipid/transport"
)

// gcPercent is how much the heap may grow, of what lives, until it is collected.
const gcPercent = 50

// tune sets the runtime up for what serve does. The reader of each UDP listener
// holds one of the runtime's places while it waits in the kernel, so there is
// one more for each; GOMAXPROCS in the environment wins. So does GOGC: a call
// leaves so little behind that collecting twice as often as Go would costs a
// hundredth of it, and saves a sixth of the memory (docs/performance.md).
func tune(listeners []transport.Listen) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMAXPROCS") != "" {
		return
	}
	readers := 0
	for _, l := range listeners {
		if l.Network == "udp" {
			readers++
		}
	}
	runtime.GOMAXPROCS(runtime.NumCPU() + readers)
}
