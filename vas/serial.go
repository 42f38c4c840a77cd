package vas

import (
	"fmt"
	"strconv"
)

// How many digits a serial may have. Fewer than four would be guessed; more
// than eighteen do not fit the integer that a store keeps as the key.
const (
	MinDigits     = 4
	MaxDigits     = 18
	DefaultDigits = 8
)

// SpaceSize is how many serials of that many digits there are.
func SpaceSize(digits int) uint64 { return pow10(digits) }

// MaxLag is how far behind the store's next counter that of a new row may be:
// half a round. A node that issues seldom holds its counters for long, and the
// others come by the same serial a round after the counter was leased; so half a
// round of counters at least is leased between two uses of a serial.
func MaxLag(digits int) uint64 { return pow10(digits) / 2 }

// SerialKey is a serial as the short number that a store keeps it under: its
// digits with a 1 in front, so that leading zeros count. Serials of different
// lengths never share a key. What is no serial has no key.
func SerialKey(serial string) (key int64, ok bool) {
	if len(serial) < MinDigits || len(serial) > MaxDigits {
		return 0, false
	}
	key = 1
	for i := range len(serial) {
		c := serial[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		key = key*10 + int64(c-'0')
	}
	return key, true
}

// SerialOf is the serial that a store keeps under key.
func SerialOf(key int64) string { return strconv.FormatInt(key, 10)[1:] }

// serials numbers the serials of one space.
type serials struct {
	order  *permutation
	digits int
	size   uint64
}

func newSerials(key []byte, digits int) (serials, error) {
	order, err := newPermutation(key, digits)
	return serials{order: order, digits: digits, size: pow10(digits)}, err
}

// at is the serial of a counter. All rounds through the space have the same
// order: only so do as many counters as there are serials lie between two uses of
// one.
func (s serials) at(counter uint64) string {
	return fmt.Sprintf("%0*d", s.digits, s.order.at(counter%s.size))
}
