package vas

import (
	"context"
	"encoding/json"
	"time"
)

// Store keeps the temporary table of one client system and the counters its
// serials come from. Package vastest holds the conformance suite.
//
// All methods may be called from several goroutines, processes and nodes at
// once. A write that returned nil survives a crash of the process and of the
// machine; one that returned an error may have happened or not, and is seen
// whole or not at all. A call returns ctx's error when ctx ends first. Values
// given and returned are the receiver's to keep.
//
// now is the caller's clock: the store has none. A row is live while now is
// before its ExpiresAt; to Claim and List a row that is not live is not there.
type Store interface {
	// Key gives the 32 octets that order the serials of that many digits. The
	// first call ever makes them, at random; all later ones give the same.
	Key(ctx context.Context, digits int) ([]byte, error)
	// Lease takes the next n counters of the space of that many digits out of
	// the store: first to first+n-1, which no other call ever gets again.
	Lease(ctx context.Context, digits int, n uint64) (first uint64, err error)
	// Insert adds a row. ErrTaken: a live row has its serial; one that is not
	// live is replaced. ErrStale: counters beyond Counter + MaxLag have been
	// leased in the space of that serial's length. Bound is not looked at.
	Insert(ctx context.Context, r Row, now time.Time) error
	// Claim binds a row to the first one who asks and gives its data; the same
	// binding may ask again. ErrNotFound: no live row has the serial.
	// ErrClaimed: it is bound otherwise. What is not found takes the same time
	// whether it never was or has expired, and writes nothing.
	Claim(ctx context.Context, serial string, b Binding, now time.Time) (json.RawMessage, error)
	// Delete removes a row. That there is none is no error.
	Delete(ctx context.Context, serial string) error
	// List gives at most limit live rows in the order of SerialKey, beginning
	// behind the serial after (empty: from the start).
	List(ctx context.Context, after string, limit int, now time.Time) ([]Row, error)
	// DeleteExpired removes at most limit rows that are not live, those first
	// that expired first, and says how many.
	DeleteExpired(ctx context.Context, limit int, now time.Time) (int, error)
}

// Row is one row of the temporary table.
type Row struct {
	Serial    string
	Counter   uint64 // where the serial came from
	Data      json.RawMessage
	ExpiresAt time.Time // whole milliseconds
	Bound     Binding   // zero: not claimed yet
	ClaimedAt time.Time
}

// Binding is who claimed a row and for which call. Both are not empty.
type Binding struct {
	Claimant string
	CallID   string
}
