package api

import (
	"net/http"
	"time"
)

const (
	// scrapeRest is for how many times as long as a scrape took none begins after
	// it: readers of metrics, however many and however fast, get a quarter of one
	// processor, and calls the rest.
	scrapeRest = 3
	// scrapeRestMost bounds that.
	scrapeRestMost = 250 * time.Millisecond
	// scrapePatience is how long a scrape may take, with its turn.
	scrapePatience = 10 * time.Second
)

// paced has one request handled at a time, with a rest in between. What next
// writes is kept until it is done: a peer that does not read holds nobody up.
func paced(next http.Handler) http.Handler {
	turn := make(chan struct{}, 1)
	return http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case turn <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		began := time.Now()
		next.ServeHTTP(w, r)
		time.AfterFunc(min(scrapeRest*time.Since(began), scrapeRestMost), func() { <-turn })
	}), scrapePatience, "too many scrapes\n")
}
