package main

import (
	"os"
	"runtime"

	"sipid/transport"
)

// tune sets the runtime up for what serve does. The reader of each UDP listener
// holds one of the runtime's places while it waits in the kernel, so there is
// one more for each; GOMAXPROCS in the environment wins. The collector stays as
// Go sets it: at GOGC=400 a call costs 3 to 5 µs less, and the process holds
// twice Kamailio's memory (docs/performance.md).
func tune(listeners []transport.Listen) {
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
