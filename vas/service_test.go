package vas_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sipid/isupbody"
	"sipid/sipmsg"
	"sipid/vas"
)

func newService(t testing.TB, store vas.Store, o vas.Options) *vas.Service {
	t.Helper()
	if o.AccessID == "" {
		o.AccessID = "1001"
	}
	s, err := vas.NewService(context.Background(), store, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustIssue issues and gives the serial.
func mustIssue(t testing.TB, s *vas.Service) string {
	t.Helper()
	issued, err := s.Issue(context.Background(), json.RawMessage(`{"a":"b"}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	return issued.Serial
}

func TestIssue(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 123_456_789, time.UTC)
	s := newService(t, newMemory(), vas.Options{Now: func() time.Time { return now }})
	issued, err := s.Issue(context.Background(), json.RawMessage(" {\"z\" : 1,\n\"a\":\"王\"} "), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if len(issued.Serial) != 8 || issued.OriginalCalledNumber != "1001"+issued.Serial || !issued.ExpiresAt.Equal(now.Add(time.Minute).Truncate(time.Millisecond)) {
		t.Errorf("%+v", issued)
	}
	data, err := s.Claim(context.Background(), issued.Serial, vas.Binding{Claimant: "c", CallID: "1"})
	if err != nil || string(data) != `{"z":1,"a":"王"}` { // in its order
		t.Errorf("Claim = %s, %v", data, err)
	}
}

func TestIssueErrInvalid(t *testing.T) {
	s := newService(t, newMemory(), vas.Options{})
	for name, test := range map[string]struct {
		data string
		ttl  time.Duration
	}{
		"empty":      {"", 0},
		"null":       {"null", 0},
		"array":      {"[1]", 0},
		"text":       {`"{}"`, 0},
		"two values": {"{} {}", 0},
		"cut off":    {`{"a":`, 0},
		"not UTF-8":  {"{\"a\":\"\xff\"}", 0},
		"large":      {`{"a":"` + strings.Repeat("x", vas.MaxData) + `"}`, 0},
		"ttl short":  {"{}", vas.MinTTL - 1},
		"ttl long":   {"{}", vas.MaxTTL + 1},
		"ttl < 0":    {"{}", -time.Minute},
	} {
		if _, err := s.Issue(context.Background(), json.RawMessage(test.data), test.ttl); !errors.Is(err, vas.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, b := range []vas.Binding{{}, {Claimant: "c"}, {CallID: "1"}, {Claimant: strings.Repeat("c", 257), CallID: "1"}, {Claimant: "\xff", CallID: "1"}} {
		if _, err := s.Claim(context.Background(), "00000001", b); !errors.Is(err, vas.ErrInvalid) {
			t.Errorf("Claim by %q: %v", b, err)
		}
	}
}

func TestOptionsErr(t *testing.T) {
	for _, o := range []vas.Options{{}, {AccessID: "10a1"}, {AccessID: "1", Digits: 3}, {AccessID: "1", Digits: 19}, {AccessID: "1", Digits: 4, Block: 1001}} {
		if err := o.Validate(); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// Several nodes on one store, each with blocks of its own: no serial twice.
func TestIssueOnSeveralNodes(t *testing.T) {
	store := newMemory()
	var mu sync.Mutex
	seen := make(map[string]bool)
	var wg sync.WaitGroup
	for range 4 {
		s := newService(t, store, vas.Options{Block: 7})
		for range 4 {
			wg.Go(func() {
				for range 200 {
					serial := mustIssue(t, s)
					mu.Lock()
					if seen[serial] {
						t.Errorf("%s was issued twice", serial)
					}
					seen[serial] = true
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	if len(seen) != 3200 {
		t.Errorf("%d serials", len(seen))
	}
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A serial comes again only after all others, whatever was deleted, expired or
// lost by a restart meanwhile.
func TestNoSerialAgainBeforeTheRoundIsOver(t *testing.T) {
	store, clock := newMemory(), newClock()
	last := make(map[string]uint64) // by serial, the count of leased counters at its issue
	for restart := range 50 {
		s := newService(t, store, vas.Options{Digits: 4, Block: 16, Now: clock.Now})
		for n := range 500 {
			serial := mustIssue(t, s)
			if was, again := last[serial]; again && store.leased(4)-was < 10_000-32 {
				t.Fatalf("restart %d: %s again after %d of 10000 counters", restart, serial, store.leased(4)-was)
			}
			last[serial] = store.leased(4)
			if n%3 == 0 {
				if err := s.Delete(context.Background(), serial); err != nil {
					t.Fatal(err)
				}
			}
		}
		clock.add(time.Hour) // all expire
	}
	if len(last) < 9_000 {
		t.Errorf("only %d serials in two and a half rounds", len(last))
	}
}

// A node that slept through a whole round does not use what it had leased: the
// other may have issued the same serial a moment ago.
func TestStaleBlockIsDropped(t *testing.T) {
	store, clock := newMemory(), newClock()
	slow := newService(t, store, vas.Options{Digits: 4, Block: 10, Now: clock.Now})
	mustIssue(t, slow) // counter 0 of 0 to 9
	busy := newService(t, store, vas.Options{Digits: 4, Block: 1000, Now: clock.Now})
	recent := make(map[string]bool)
	for n := range 10_015 { // to the end of the round, and some of the next
		serial := mustIssue(t, busy)
		if n >= 9_900 {
			recent[serial] = true
		}
		if err := busy.Delete(context.Background(), serial); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if serial := mustIssue(t, slow); recent[serial] {
			t.Errorf("%s was another user's a moment ago", serial)
		}
	}
}

// A node that issues seldom comes to its counters late, but not so late that the
// other one is about to issue the same serials.
func TestQuietNodeIsNotAheadOfTheBusyOne(t *testing.T) {
	store, clock := newMemory(), newClock()
	quiet := newService(t, store, vas.Options{Digits: 4, Block: 10, Now: clock.Now})
	mustIssue(t, quiet) // counter 0 of 0 to 9
	busy := newService(t, store, vas.Options{Digits: 4, Block: 10, Now: clock.Now})
	issue := func(s *vas.Service) string {
		serial := mustIssue(t, s)
		if err := s.Delete(context.Background(), serial); err != nil {
			t.Fatal(err)
		}
		return serial
	}
	for range 9_960 {
		issue(busy)
	}
	recent := make(map[string]bool)
	for range 9 {
		recent[issue(quiet)] = true
	}
	for n := range 100 {
		if serial := issue(busy); recent[serial] {
			t.Errorf("%s again after %d issues", serial, n)
		}
	}
}

func TestErrFull(t *testing.T) {
	store := newMemory()
	s := newService(t, store, vas.Options{Digits: 4})
	for range 10_000 {
		mustIssue(t, s)
	}
	if _, err := s.Issue(context.Background(), json.RawMessage(`{}`), 0); !errors.Is(err, vas.ErrFull) {
		t.Errorf("Issue into a full space: %v", err)
	}
}

// A store that says it failed may have written or not. Either way the error goes
// up, and the serial is not issued again.
func TestIssueWhenTheStoreFails(t *testing.T) {
	for _, written := range []bool{false, true} {
		t.Run(fmt.Sprintf("written=%v", written), func(t *testing.T) {
			store := newMemory()
			s := newService(t, store, vas.Options{Block: 4})
			answered := map[string]bool{mustIssue(t, s): true}
			for round := range 50 {
				store.setFault(round%2 == 0, written)
				for range 5 {
					issued, err := s.Issue(context.Background(), json.RawMessage(`{}`), 0)
					switch {
					case err == nil && answered[issued.Serial]:
						t.Fatalf("%s was issued twice", issued.Serial)
					case err == nil:
						answered[issued.Serial] = true
					case !errors.Is(err, errDisk) && round%2 == 0:
						t.Fatal(err)
					}
				}
			}
			store.setFault(false, false)
			for serial := range answered {
				if _, err := s.Claim(context.Background(), serial, vas.Binding{Claimant: "c", CallID: "1"}); err != nil {
					t.Errorf("%s was answered and is not there: %v", serial, err)
				}
			}
			if len(answered) < 100 {
				t.Errorf("only %d were answered", len(answered))
			}
		})
	}
}

// Run removes what has expired, and no more.
func TestRunRemovesExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		s := newService(t, store, vas.Options{Block: 1})
		for range 1000 {
			mustIssue(t, s)
		}
		if _, err := s.Issue(context.Background(), json.RawMessage(`{}`), time.Hour); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		go s.Run(ctx, slog.New(slog.DiscardHandler))
		time.Sleep(vas.DefaultTTL - time.Second)
		if store.count() != 1001 {
			t.Errorf("%d rows before their time", store.count())
		}
		time.Sleep(5 * time.Second)
		cancel()
		synctest.Wait()
		if store.count() != 1 {
			t.Errorf("%d rows after it", store.count())
		}
	})
}

func TestCarriers(t *testing.T) {
	c := vas.Carriers{Called: "95165", Calling: "057188888888"}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	octets, err := c.IAM("100100000042")
	if err != nil {
		t.Fatal(err)
	}
	m, err := isupbody.Decode(octets, isupbody.VariantITU)
	if err != nil {
		t.Fatalf("%s: %v", hex.EncodeToString(octets), err)
	}
	called, err1 := m.CalledPartyNumber()
	calling, err2 := m.CallingPartyNumber()
	original, err3 := m.OriginalCalledNumber()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %v %s %s", called.AppendDigits(nil), called.ST(), calling.AppendDigits(nil), original.AppendDigits(nil))
	if got != "95165 true 057188888888 100100000042" {
		t.Error(got)
	}
	value, err := sipmsg.ParseNameAddr([]byte(c.Diversion("100100000042")))
	if err != nil {
		t.Fatal(err)
	}
	if uri, err := sipmsg.ParseURI(value.URI); err != nil || string(uri.User) != "100100000042" {
		t.Errorf("%s, %v", uri.User, err)
	}
	for _, bad := range []vas.Carriers{{}, {Called: "+95165"}, {Called: "95165", Calling: "x"}, {Called: "95165", Host: "a>b"}, {Called: "95165", Host: "a\r\nb"}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
