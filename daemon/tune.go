package daemon

import (
	"os"
	"runtime"

	"sipid/transport"
)

// tune sets the runtime up for what serve does. The reader of each UDP listener
// holds one of the runtime's places while it waits in the kernel, so there is
// one more for each than the processors that we may use; GOMAXPROCS in the
// environment wins.
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
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + readers)
}
