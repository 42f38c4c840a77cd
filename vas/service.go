package vas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"
)

// Limits of an issue.
const (
	MinTTL     = 10 * time.Second
	MaxTTL     = 24 * time.Hour
	DefaultTTL = 10 * time.Minute
	MaxData    = 16 << 10 // octets
)

const (
	maxBlock = 1000 // counters that a crash may lose, twice
	attempts = 100  // serials to try before the space counts as full

	expireEvery = time.Second
	expireBatch = 100                   // rows a transaction removes
	expirePause = 20 * time.Millisecond // what is issued meanwhile goes first
)

// Options says how a Service works.
type Options struct {
	AccessID string           // the client system's, decimal; goes in front of every serial
	Digits   int              // of a serial; 0: DefaultDigits
	Block    uint64           // counters leased at once; 0: a fraction of the space, at most 1000
	Now      func() time.Time // nil: time.Now
}

// Validate says what is wrong with the options.
func (o Options) Validate() error { return o.complete() }

func (o *Options) complete() error {
	if o.Digits == 0 {
		o.Digits = DefaultDigits
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Digits < MinDigits || o.Digits > MaxDigits {
		return fmt.Errorf("vas: serial digits: %d, want %d to %d", o.Digits, MinDigits, MaxDigits)
	}
	if !decimal(o.AccessID) {
		return fmt.Errorf("vas: access ID %q: decimal digits", o.AccessID)
	}
	if space := pow10(o.Digits); o.Block == 0 {
		o.Block = min(maxBlock, space/1000)
	} else if o.Block > space/10 {
		return fmt.Errorf("vas: block of %d counters: more than a tenth of the %d serials", o.Block, space)
	}
	return nil
}

func decimal(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Service issues serials and serves claims. It is safe for concurrent use.
type Service struct {
	store    Store
	o        Options
	serials  serials
	counters *counters
}

// Issued is what an issue answers.
type Issued struct {
	Serial               string
	OriginalCalledNumber string // access ID and serial
	ExpiresAt            time.Time
}

// NewService makes the service of one client system on its store.
func NewService(ctx context.Context, store Store, o Options) (*Service, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	key, err := store.Key(ctx, o.Digits)
	if err != nil {
		return nil, fmt.Errorf("key of the serials: %w", err)
	}
	s := &Service{store: store, o: o}
	if s.serials, err = newSerials(key, o.Digits); err != nil {
		return nil, err
	}
	s.counters = &counters{size: o.Block, lease: func(ctx context.Context, n uint64) (uint64, error) {
		return store.Lease(ctx, o.Digits, n)
	}}
	return s, nil
}

// Issue keeps data, a JSON object, under a new serial for as long as ttl says
// (0: DefaultTTL). When it returns nil the row is on the disk.
func (s *Service) Issue(ctx context.Context, data json.RawMessage, ttl time.Duration) (Issued, error) {
	if ttl == 0 {
		ttl = DefaultTTL
	}
	if ttl < MinTTL || ttl > MaxTTL {
		return Issued{}, &invalidError{"ttl is 10s to 24h"}
	}
	object, err := compactObject(data)
	if err != nil {
		return Issued{}, err
	}
	for range attempts {
		counter, err := s.counters.take(ctx)
		if err != nil {
			return Issued{}, fmt.Errorf("lease serials: %w", err)
		}
		now := s.o.Now()
		row := Row{
			Serial: s.serials.at(counter), Counter: counter, Data: object,
			ExpiresAt: now.Add(ttl).Truncate(time.Millisecond),
		}
		switch err := s.store.Insert(ctx, row, now); {
		case err == nil:
			return Issued{Serial: row.Serial, OriginalCalledNumber: s.o.AccessID + row.Serial, ExpiresAt: row.ExpiresAt}, nil
		case errors.Is(err, ErrStale):
			s.counters.drop(counter)
		case !errors.Is(err, ErrTaken):
			// The counter is not used again: the row may be there after all.
			return Issued{}, fmt.Errorf("keep the data: %w", err)
		}
	}
	return Issued{}, ErrFull
}

// compactObject checks that data is one JSON object and drops blanks.
func compactObject(data json.RawMessage) (json.RawMessage, error) {
	switch trimmed := bytes.TrimLeft(data, " \t\r\n"); {
	case len(data) > MaxData:
		return nil, &invalidError{"data is larger than 16 KB"}
	case len(trimmed) == 0 || trimmed[0] != '{' || !json.Valid(data):
		return nil, &invalidError{"data is not a JSON object"}
	case !utf8.Valid(data):
		return nil, &invalidError{"data is not UTF-8"}
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		return nil, &invalidError{"data is not a JSON object"}
	}
	return b.Bytes(), nil
}

// Claim gives the data of a serial to the one who asks first. ErrNotFound and
// ErrClaimed say why not.
func (s *Service) Claim(ctx context.Context, serial string, b Binding) (json.RawMessage, error) {
	switch {
	case !bindable(b.Claimant):
		return nil, &invalidError{"claimant is 1 to 256 octets of text"}
	case !bindable(b.CallID):
		return nil, &invalidError{"call_id is 1 to 256 octets of text"}
	}
	return s.store.Claim(ctx, serial, b, s.o.Now())
}

func bindable(s string) bool { return s != "" && len(s) <= 256 && utf8.ValidString(s) }

// Delete removes a serial's data. That there is none is no error.
func (s *Service) Delete(ctx context.Context, serial string) error {
	return s.store.Delete(ctx, serial)
}

// List gives at most limit live rows behind the serial after.
func (s *Service) List(ctx context.Context, after string, limit int) ([]Row, error) {
	return s.store.List(ctx, after, limit, s.o.Now())
}

// Check says whether the store answers.
func (s *Service) Check(ctx context.Context) error {
	_, err := s.store.Key(ctx, s.o.Digits)
	return err
}

// Run removes expired rows until ctx is done, in small transactions with pauses
// between them: a large expiry must not hold up an issue.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	for pause := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		n, err := s.store.DeleteExpired(ctx, expireBatch, s.o.Now())
		if err != nil && ctx.Err() == nil {
			log.Error("remove expired serials", "err", err)
		}
		pause = expireEvery
		if err == nil && n == expireBatch {
			pause = expirePause
		}
	}
}
