package main

import (
	"net/http"
	"sync/atomic"
)

// phase is where the daemon's life stands.
type phase int32

const (
	phaseStarting phase = iota
	phaseReady
	phaseDraining
)

func (p phase) String() string {
	return [...]string{"starting", "ready", "draining"}[p]
}

// lifecycle is the phase, read by every OPTIONS and /readyz.
type lifecycle struct{ current atomic.Int32 }

func (l *lifecycle) set(p phase)  { l.current.Store(int32(p)) }
func (l *lifecycle) phase() phase { return phase(l.current.Load()) }
func (l *lifecycle) ready() bool  { return l.phase() == phaseReady }

// health is the detail of /readyz.
type health struct {
	Ready        bool        `json:"ready"`
	State        string      `json:"state"`
	Table        tableHealth `json:"table"`
	Listeners    []string    `json:"listeners"`
	Transactions int         `json:"transactions"`
}

// tableHealth tells how the client table in memory stands to the database.
// An error here does not make the daemon unready: calls go on with the last
// good table.
type tableHealth struct {
	Revision   int64   `json:"revision"`
	Rows       int     `json:"rows"`
	AgeSeconds float64 `json:"age_seconds"`
	Error      string  `json:"error"`
}

// serveAlive answers as long as the process can answer anything, also while
// it drains: a restart then would cut calls off.
func serveAlive(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func serveReady(state func() health) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h := state()
		status := http.StatusOK
		if !h.Ready {
			status = http.StatusServiceUnavailable
		}
		writeJSON(w, status, h)
	}
}
