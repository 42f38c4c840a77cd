package vas

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// rounds is what NIST SP 800-38G prescribes for FF1, the same kind of network.
const rounds = 10

// permutation maps the numbers below 10^digits onto each other, in an order
// that nobody without the key can tell from chance. It is a Feistel network
// over the upper and the lower half of the decimal digits, with AES as the
// round function. An odd count of digits makes halves of unequal size; since
// each round adds to one half what depends only on the other, every round can
// be undone, and no number has to be tried twice to stay in the space.
type permutation struct {
	block        cipher.Block
	digits       int
	upper, lower uint64 // how many values each half has
}

func newPermutation(key []byte, digits int) (*permutation, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of the serials: %w", err)
	}
	return &permutation{block: block, digits: digits, upper: pow10((digits + 1) / 2), lower: pow10(digits / 2)}, nil
}

// at gives the number that n is mapped to. n is below 10^digits.
func (p *permutation) at(n uint64) uint64 {
	u, l := n/p.lower, n%p.lower
	for round := 0; round < rounds; round += 2 {
		u = (u + p.mix(round, l)%p.upper) % p.upper
		l = (l + p.mix(round+1, u)%p.lower) % p.lower
	}
	return u*p.lower + l
}

// mix is the round function. Its 64 bits are 2^34 times more than the largest
// half has values, so taking the remainder favours none of them noticeably.
func (p *permutation) mix(round int, half uint64) uint64 {
	var b [aes.BlockSize]byte
	b[0], b[1] = byte(p.digits), byte(round)
	binary.BigEndian.PutUint64(b[8:], half)
	p.block.Encrypt(b[:], b[:])
	return binary.BigEndian.Uint64(b[:8])
}

func pow10(n int) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}
