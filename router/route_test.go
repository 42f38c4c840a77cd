package router_test

import (
	"errors"
	"sync"
	"testing"

	"sipid/router"
)

// TestRouteWithoutTable: a call that comes before the first client table is not
// lost, and the log says why nobody was identified.
func TestRouteWithoutTable(t *testing.T) {
	r, err := router.New(config())
	if err != nil {
		t.Fatal(err)
	}
	var d router.Decision
	r.Route(r.Trunks()[0], &router.Signals{ISUP: [][]byte{original(t, "100100000042")}}, &d)
	if d.Status != router.StatusUnknownAccessID || !errors.Is(d.Err, router.ErrNoTable) || d.Group != r.DefaultGroup() {
		t.Errorf("%s, %v, group %v", d.Status, d.Err, d.Group)
	}
}

// TestDecisionIsReused: nothing of the call before shows.
func TestDecisionIsReused(t *testing.T) {
	r := newRouter(t, config(), row("1001"))
	var d router.Decision
	r.Route(r.Trunks()[0], &router.Signals{ISUP: [][]byte{original(t, "100100000042")}}, &d)
	if d.Status != router.StatusResolved || string(d.Serial()) != "00000042" {
		t.Fatalf("%s, serial %q", d.Status, d.Serial())
	}
	copied := d
	r.Route(r.Trunks()[0], &router.Signals{}, &d)
	headers, _ := d.AppendHeaders(nil)
	if d.Client != nil || len(d.Serial()) != 0 || len(d.CallingNumber()) != 0 || string(headers) != "X-Identify-Status: no-identity\r\n" {
		t.Errorf("%+v\n%s", d, headers)
	}
	if string(copied.Serial()) != "00000042" {
		t.Errorf("the copy's serial is %q", copied.Serial())
	}
}

// TestSetTableWhileRouting: a call sees one table or the other, never a mixture.
func TestSetTableWhileRouting(t *testing.T) {
	r := newRouter(t, config(), row("1001"))
	other := row("1001")
	other.Name, other.Endpoint = "other", "https://other.example"
	tables := []*router.Table{r.Table(), newTable(t, other)}
	s := &router.Signals{ISUP: [][]byte{original(t, "100100000042")}}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			var d router.Decision
			for {
				select {
				case <-done:
					return
				default:
				}
				r.Route(r.Trunks()[0], s, &d)
				if d.Status != router.StatusResolved || (d.Client.Name == "other") != (d.Client.Endpoint == "https://other.example") {
					t.Errorf("%s %+v", d.Status, d.Client)
					return
				}
			}
		})
	}
	for i := range 1000 {
		r.SetTable(tables[i%2])
	}
	close(done)
	wg.Wait()
}
