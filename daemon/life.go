package daemon

import "sync/atomic"

// phase is where the daemon's life stands.
type phase int32

const (
	phaseStarting phase = iota
	phaseReady
	phaseDraining
)

// String is the word of /readyz.
func (p phase) String() string {
	return [...]string{"starting", "ready", "draining"}[p]
}

// lifecycle is the phase, read by every OPTIONS and /readyz.
type lifecycle struct{ current atomic.Int32 }

func (l *lifecycle) set(p phase)  { l.current.Store(int32(p)) }
func (l *lifecycle) phase() phase { return phase(l.current.Load()) }
func (l *lifecycle) ready() bool  { return l.phase() == phaseReady }
