package main

import (
	"net/http"
	"time"

	"sipid/pbx"
)

// targetView is a PBX target as JSON: what it is, how it is, and why.
type targetView struct {
	Group      string     `json:"group"`
	URI        string     `json:"uri"`
	Address    string     `json:"address,omitempty"` // absent: its name was never found
	Up         bool       `json:"up"`
	Drained    bool       `json:"drained"`
	Since      time.Time  `json:"since"`
	Why        string     `json:"why"`
	LastCode   int        `json:"last_code"`
	RTTSeconds float64    `json:"rtt_seconds"`
	NextProbe  *time.Time `json:"next_probe"` // null: not probed
}

func serveTargets(targets func() []pbx.State) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		views := []targetView{}
		for _, t := range targets() {
			v := targetView{
				Group: t.Group, URI: t.URI, Address: t.Address, Up: t.Up, Drained: t.Drained, Since: t.Since, Why: t.Why,
				LastCode: t.LastCode, RTTSeconds: t.RTT.Seconds(),
			}
			if !t.NextProbe.IsZero() {
				v.NextProbe = &t.NextProbe
			}
			views = append(views, v)
		}
		writeJSON(w, http.StatusOK, views)
	}
}
