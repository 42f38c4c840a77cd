package api

import (
	"encoding/json"
	"io"
	"net/http"

	"sipid/httpjson"
	"sipid/router"
)

// Client is a client system as JSON; the keys are the CSV column names.
type Client struct {
	AccessID     string   `json:"access_id"`
	Name         string   `json:"name"`
	Endpoint     string   `json:"endpoint"`
	SerialDigits int      `json:"serial_digits"`
	PBX          string   `json:"pbx"`
	Calling      []string `json:"calling"`
	Enabled      bool     `json:"enabled"`

	ValidFrom     router.Moment `json:"valid_from"`
	ValidTo       router.Moment `json:"valid_to"`
	MaxCPS        float64       `json:"max_cps"`
	MaxCalls      int           `json:"max_calls"`
	HeaderProfile string        `json:"header_profile"`
	Notes         string        `json:"notes"`
}

// NewClient shows a client. The empty PBX group is shown by its name.
func NewClient(c *router.Client) Client {
	v := Client{
		AccessID: c.AccessID, Name: c.Name, Endpoint: c.Endpoint, SerialDigits: c.SerialDigits,
		PBX: c.PBX, Calling: c.Calling, Enabled: c.Enabled,
		ValidFrom: c.ValidFrom, ValidTo: c.ValidTo, MaxCPS: c.MaxCPS, MaxCalls: c.MaxCalls,
		HeaderProfile: c.HeaderProfile, Notes: c.Notes,
	}
	if v.PBX == "" {
		v.PBX = router.DefaultGroupName
	}
	if v.Calling == nil {
		v.Calling = []string{}
	}
	return v
}

// serveClients shows the table that serves calls, not the database: what is
// here is what a call is identified by.
func serveClients(table func() *router.Table) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		t := table()
		if t == nil {
			httpjson.Fail(w, http.StatusServiceUnavailable, "no_table", "the client table is not loaded yet")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = writeClients(w, t) // the peer has gone
	}
}

// writeClients streams: a million clients need not stand in memory twice.
func writeClients(w io.Writer, t *router.Table) error {
	separator := "["
	for c := range t.All() {
		line, err := json.Marshal(NewClient(c))
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(separator), line...)); err != nil {
			return err
		}
		separator = ",\n"
	}
	end := "]\n"
	if t.Len() == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

func serveClient(table func() *router.Table) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("access_id")
		t := table()
		if t == nil {
			httpjson.Fail(w, http.StatusServiceUnavailable, "no_table", "the client table is not loaded yet")
			return
		}
		// Resolve takes the row that begins the digits; only the row itself counts here.
		c, ok := t.Resolve([]byte(id))
		if !ok || c.AccessID != id {
			httpjson.Fail(w, http.StatusNotFound, "no_client", "there is no client with this access ID")
			return
		}
		httpjson.Write(w, http.StatusOK, NewClient(c))
	}
}
