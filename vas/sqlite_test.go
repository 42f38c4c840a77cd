package vas_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sipid/sqlite"
	"sipid/vas"
)

// Unknown and expired serials get the same answer in the same time, from the
// real store: 10 000 questions in turn. Expired rows are still there.
func TestUnknownAndExpiredAreAlike(t *testing.T) {
	store, err := sqlite.OpenVAS(context.Background(), filepath.Join(t.TempDir(), "vas.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	clock := newClock()
	service := newService(t, store, vas.Options{Now: clock.Now})
	expired := make([]string, 2000)
	data := json.RawMessage(`{"name":"王小明","note":"` + strings.Repeat("x", 1000) + `"}`)
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < len(expired); i += 16 {
				issued, err := service.Issue(context.Background(), data, 0)
				if err != nil {
					t.Error(err)
					return
				}
				expired[i] = issued.Serial
				if i%2 == 0 { // claimed or not
					if _, err := service.Claim(context.Background(), issued.Serial, vas.Binding{Claimant: "callcentre-1", CallID: "a@b"}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	clock.add(2 * vas.DefaultTTL)
	f := newFront(t, func(o *vas.HandlerOptions) { o.Service = service })
	// A busy machine may tip one round; a difference would tip them all.
	for range 3 {
		unknown, past := unknownAndExpired(t, f, expired, 5_000)
		ratio := float64(past) / float64(unknown)
		t.Logf("median unknown %v, expired %v: ratio %.3f", unknown, past, ratio)
		if ratio > 0.95 && ratio < 1.05 {
			return
		}
	}
	t.Error("the medians differ by more than 5 %")
}
