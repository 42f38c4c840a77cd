package api

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Twenty readers that ask all the time get a quarter of one processor.
func TestPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes = 10 * time.Millisecond
		var busy atomic.Int32
		scrapes := 0
		h := paced(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if busy.Add(1) > 1 {
				t.Error("two at a time")
			}
			time.Sleep(takes)
			scrapes++
			busy.Add(-1)
			_, _ = w.Write([]byte("metrics"))
		}))
		end := time.Now().Add(4 * time.Second)
		var readers sync.WaitGroup
		for range 20 {
			readers.Go(func() {
				for time.Now().Before(end) {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
					if w.Code != http.StatusOK || w.Body.String() != "metrics" {
						t.Errorf("%d %s", w.Code, w.Body)
					}
				}
			})
		}
		readers.Wait()
		if scrapes < 80 || scrapes > 125 {
			t.Errorf("%d scrapes of %v in 4 s, want about 100", scrapes, takes)
		}
	})
}

// stuck is a peer that does not read.
type stuck struct {
	*httptest.ResponseRecorder
	wait chan struct{}
}

func (s stuck) Write([]byte) (int, error) { <-s.wait; return 0, http.ErrHandlerTimeout }

// A peer that does not read holds no other one up.
func TestPacedStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := paced(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("metrics")) }))
		wait := make(chan struct{})
		go h.ServeHTTP(stuck{httptest.NewRecorder(), wait}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		synctest.Wait()
		began := time.Now()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if w.Code != http.StatusOK || time.Since(began) > scrapeRestMost {
			t.Errorf("%d after %v", w.Code, time.Since(began))
		}
		close(wait)
	})
}
