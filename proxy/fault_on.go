//go:build sipid_fault

package proxy

import "bytes"

// provoke makes a fault of a message whose Call-ID asks for one. It is in no
// binary but those that tests build with this tag.
func (w *worker) provoke() {
	if bytes.HasPrefix(w.msg.Bytes(w.msg.CallID), []byte("sipid-fault")) {
		panic("asked for")
	}
}
