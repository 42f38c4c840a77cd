package api

import (
	"net/http"

	"sipid/httpjson"
)

// Health is the detail of /readyz.
type Health struct {
	Ready        bool        `json:"ready"`
	State        string      `json:"state"`
	Table        TableHealth `json:"table"`
	Listeners    []string    `json:"listeners"`
	Transactions int         `json:"transactions"`
}

// TableHealth tells how the client table in memory stands to the database.
// An error here does not make the daemon unready: calls go on with the last
// good table.
type TableHealth struct {
	Revision   int64   `json:"revision"`
	Rows       int     `json:"rows"`
	AgeSeconds float64 `json:"age_seconds"`
	Error      string  `json:"error"`
}

// serveAlive answers as long as the process can answer anything, also while
// it drains: a restart then would cut calls off.
func serveAlive(w http.ResponseWriter, _ *http.Request) {
	httpjson.Write(w, http.StatusOK, map[string]string{"status": "ok"})
}

func serveReady(state func() Health) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h := state()
		status := http.StatusOK
		if !h.Ready {
			status = http.StatusServiceUnavailable
		}
		httpjson.Write(w, status, h)
	}
}
