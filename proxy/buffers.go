package proxy

import "sync"

// The sizes of buffers: for an answer that is held until the request comes no
// more, a BYE, an INVITE, and one with much in it. Longer messages are left to the
// collector.
const (
	leastBuffer  = 512
	smallBuffer  = 1024
	middleBuffer = 2048
	largeBuffer  = 4096
)

// buffers hold messages that have to be sent again, or made anew, and are let go
// of soon: nearly all of what a call writes.
type buffers struct{ least, small, middle, large sync.Pool }

// keep copies a message. Whoever has the copy gives it back with put, once.
func (p *buffers) keep(b []byte) []byte { return append(p.get(len(b)), b...) }

func (p *buffers) get(n int) []byte {
	switch {
	case n <= leastBuffer:
		if b, ok := p.least.Get().(*[leastBuffer]byte); ok {
			return b[:0]
		}
		return make([]byte, 0, leastBuffer)
	case n <= smallBuffer:
		if b, ok := p.small.Get().(*[smallBuffer]byte); ok {
			return b[:0]
		}
		return make([]byte, 0, smallBuffer)
	case n <= middleBuffer:
		if b, ok := p.middle.Get().(*[middleBuffer]byte); ok {
			return b[:0]
		}
		return make([]byte, 0, middleBuffer)
	case n <= largeBuffer:
		if b, ok := p.large.Get().(*[largeBuffer]byte); ok {
			return b[:0]
		}
		return make([]byte, 0, largeBuffer)
	}
	return make([]byte, 0, n)
}

// put takes a buffer back. One of another size, or none, it leaves alone.
func (p *buffers) put(b []byte) {
	switch cap(b) {
	case leastBuffer:
		p.least.Put((*[leastBuffer]byte)(b[:leastBuffer]))
	case smallBuffer:
		p.small.Put((*[smallBuffer]byte)(b[:smallBuffer]))
	case middleBuffer:
		p.middle.Put((*[middleBuffer]byte)(b[:middleBuffer]))
	case largeBuffer:
		p.large.Put((*[largeBuffer]byte)(b[:largeBuffer]))
	}
}
