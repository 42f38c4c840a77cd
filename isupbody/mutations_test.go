package isupbody_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"sipid/isupbody"
)

// TestMutations breaks messages where it hurts: pointers, lengths, codes, types,
// whole parameters. It runs a short while always; ISUP_MUTATIONS and ISUP_SEED
// make it long (scripts/fuzz-long). A failure prints the octets; the seed and the
// count give the same ones again.
func TestMutations(t *testing.T) {
	count, seed := environment(t, "ISUP_MUTATIONS", 200_000), environment(t, "ISUP_SEED", 1)
	r := rand.New(rand.NewPCG(seed, 3))
	pool := mutationPool(t, r)
	x := mutator{r: r, pool: pool, buffer: make([]byte, 0, 4096), scratch: make([]byte, 0, 8192)}
	start := time.Now()
	for i := range count {
		b, v := x.next()
		if err := x.check(b, v, i%64 == 0); err != nil {
			t.Fatalf("mutation %d: %x as %v: %v", i, b, v, err)
		}
	}
	took := time.Since(start)
	t.Logf("seed %d: %d mutations in %v, %.0f a second; %d read without an error", seed, count, took.Round(time.Second),
		float64(count)/took.Seconds(), x.sound)
	if x.sound == 0 || x.sound == count {
		t.Errorf("%d of %d mutations are sound: nothing is tested", x.sound, count)
	}
}

func environment(t *testing.T, name string, byDefault uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return byDefault
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// seedMessage is a message and where its structure is.
type seedMessage struct {
	octets   []byte
	places   []int // pointers, lengths and codes
	optional [][2]int
}

func mutationPool(t *testing.T, r *rand.Rand) []seedMessage {
	t.Helper()
	var pool []seedMessage
	for _, v := range []isupbody.Variant{isupbody.VariantITU, isupbody.VariantANSI} {
		for _, g := range generateMessages(t, r.Uint64(), 40*len(sipiTypes), v) {
			m, err := isupbody.Decode(g.octets, v)
			if err != nil {
				t.Fatal(err)
			}
			s := seedMessage{octets: g.octets}
			behindFixed := 1
			for p := range m.Parameters {
				switch p.Section {
				case isupbody.Fixed:
					behindFixed = p.Offset + len(p.Contents)
				case isupbody.Variable:
					s.places = append(s.places, p.Offset-1)
				case isupbody.Optional:
					s.places = append(s.places, p.Offset-2, p.Offset-1)
					s.optional = append(s.optional, [2]int{p.Offset - 2, p.Offset + len(p.Contents)})
				}
			}
			for at := behindFixed; at < min(behindFixed+3, len(g.octets)); at++ {
				s.places = append(s.places, at) // the pointers are there
			}
			pool = append(pool, s)
		}
	}
	return pool
}

// mutator makes and checks mutations without allocating.
type mutator struct {
	r       *rand.Rand
	pool    []seedMessage
	buffer  []byte
	scratch []byte
	sound   uint64
}

// below gives a random number under n, which may be 0.
func (x *mutator) below(n int) int {
	if n <= 0 {
		return 0
	}
	return int(x.r.Uint32N(uint32(n)))
}

// next gives one to three mutations of a message.
func (x *mutator) next() ([]byte, isupbody.Variant) {
	s := &x.pool[x.below(len(x.pool))]
	b := append(x.buffer[:0], s.octets...)
	for range 1 + x.below(3) {
		b = x.mutate(b, s)
	}
	return b, label(x.r.Uint32()&1 == 0)
}

// mutate does one mutation. Places of the seed may have moved by earlier ones:
// then it hits something else, which is as good.
func (x *mutator) mutate(b []byte, s *seedMessage) []byte {
	if len(b) == 0 {
		return append(b, byte(x.r.Uint32()))
	}
	at := x.below(len(b))
	if len(s.places) > 0 && x.r.Uint32()&1 == 0 {
		at = min(s.places[x.below(len(s.places))], len(b)-1)
	}
	switch x.below(10) {
	case 0, 1:
		b[at] = byte(x.r.Uint32())
	case 2:
		b[at] += byte(x.below(7)) - 3
	case 3:
		b[at] = []byte{0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, byte(len(b) - at)}[x.below(8)]
	case 4:
		b = b[:x.below(len(b)+1)]
	case 5:
		b[0] = byte(sipiTypes[x.below(len(sipiTypes))])
	case 6: // a gap
		n := 1 + x.below(8)
		b = append(b, b[len(b)-min(n, len(b)):]...)
		copy(b[min(at+n, len(b)):], b[at:])
	case 7: // an octet less
		b = append(b[:at], b[at+1:]...)
	case 8: // a parameter twice
		if len(s.optional) > 0 {
			if p := s.optional[x.below(len(s.optional))]; p[1] <= len(b) {
				b = append(b, b[p[0]:p[1]]...)
			}
		}
	case 9: // a parameter of another message
		other := &x.pool[x.below(len(x.pool))]
		if len(other.optional) > 0 {
			p := other.optional[x.below(len(other.optional))]
			b = append(b[:at], other.octets[p[0]:p[1]]...)
		}
	}
	return b
}

var (
	errPlace   = errors.New("a parameter is not where it says")
	errOrder   = errors.New("parameters overlap")
	errForeign = errors.New("an error that is not ours")
	errChanged = errors.New("an edit changed something else")
)

// check holds the invariants: the cheap ones always, edits and the way through a
// draft where all is set.
func (x *mutator) check(b []byte, v isupbody.Variant, all bool) error {
	m, err := isupbody.Decode(b, v)
	if err == nil {
		x.sound++
	} else if p, ok := err.(*isupbody.ParseError); !ok || p.Offset < 0 || p.Offset > len(b) || p.Err == nil {
		return fmt.Errorf("%w: %v", errForeign, err)
	}
	end, count := 0, 0
	for p := range m.Parameters {
		if p.Offset < 1 || p.Offset+len(p.Contents) > len(b) || cap(p.Contents) != len(p.Contents) ||
			len(p.Contents) > 0 && &p.Contents[0] != &b[p.Offset] {
			return errPlace
		}
		if p.Section == isupbody.Optional {
			if p.Offset-2 < end {
				return errOrder
			}
		}
		end = max(end, p.Offset+len(p.Contents))
		count++
		if err := readAny(p); err != nil && err != errShort {
			return fmt.Errorf("%w: %v: %v", errForeign, p.Name, err)
		}
		if n, err := p.Number(); err == nil && (n.Len() > 2*len(p.Contents) || n.Len() < 0) {
			return errPlace
		}
	}
	if len(m.Trailing()) > len(b) || count > len(b) {
		return errPlace
	}
	if all {
		return x.checkEdits(&m, err)
	}
	return nil
}

// readAny reads contents by the type the name has.
func readAny(p isupbody.Parameter) error {
	if read := quietReaders[p.Name]; read != nil {
		return read(p)
	}
	return nil
}

// quietReaders are readers without a value, which would have to be allocated.
var quietReaders = func() (all [256]func(isupbody.Parameter) error) {
	for name, read := range map[isupbody.ParameterName]func(isupbody.Parameter) error{
		isupbody.ParamCauseIndicators:                   quiet(isupbody.Parameter.Cause),
		isupbody.ParamRedirectionInformation:            quiet(isupbody.Parameter.RedirectionInformation),
		isupbody.ParamUserServiceInformation:            quiet(isupbody.Parameter.UserService),
		isupbody.ParamUserServiceInformationPrime:       quiet(isupbody.Parameter.UserService),
		isupbody.ParamUserToUserInformation:             quiet(isupbody.Parameter.UserToUser),
		isupbody.ParamAccessTransport:                   quiet(isupbody.Parameter.AccessTransport),
		isupbody.ParamGenericNotificationIndicator:      quiet(isupbody.Parameter.GenericNotification),
		isupbody.ParamParameterCompatibilityInformation: quiet(isupbody.Parameter.ParameterCompatibility),
		isupbody.ParamTransitNetworkSelection:           quiet(isupbody.Parameter.TransitNetwork),
		isupbody.ParamApplicationTransport:              quiet(isupbody.Parameter.ApplicationTransport),
		isupbody.ParamPropagationDelayCounter:           quiet(isupbody.Parameter.PropagationDelay),
		isupbody.ParamBackwardCallIndicators:            quiet(isupbody.Parameter.BackwardCall),
		isupbody.ParamForwardCallIndicators:             quiet(isupbody.Parameter.ForwardCall),
		isupbody.ParamHopCounter:                        quiet(isupbody.Parameter.HopCounter),
	} {
		all[name] = read
	}
	return all
}()

func quiet[T any](read func(isupbody.Parameter) (T, error)) func(isupbody.Parameter) error {
	return func(p isupbody.Parameter) error {
		_, err := read(p)
		return err
	}
}
