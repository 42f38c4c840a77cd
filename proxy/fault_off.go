//go:build !sipid_fault

package proxy

// provoke does nothing; see fault_on.go.
func (w *worker) provoke() {}
