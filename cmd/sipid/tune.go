package main

import (
	"os"
	"runtime"
	"runtime/debug"

	"sipid/transport"
)

// gcPercent trades memory for time: the heap of a busy process is some tens of
// megabytes, and collecting it half as often saves several percent of the
// processor (docs/performance.md). GOGC in the environment wins.
const gcPercent = 400

// tune sets the runtime up for what serve does. The reader of each UDP listener
// holds one of the runtime's places while it waits in the kernel, so there is
// one more for each; GOMAXPROCS in the environment wins.
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
