package proxy

import (
	"sync"
	"unsafe"
)

// bufferSizes are the sizes of buffers, from the least. The small ones hold answers
// until their request comes no more, half a minute, and there are many; then come
// a BYE, an INVITE, and one with much in it. Longer messages are left to the
// collector.
var bufferSizes = [...]int{384, 512, 640, 768, 1024, 2048, largeBuffer}

const largeBuffer = 4096

// buffers hold messages that have to be sent again, or made anew, and are let go
// of: nearly all of what a call writes. There is a pool for each size.
type buffers [len(bufferSizes)]sync.Pool

// keep copies a message. Whoever has the copy gives it back with put, once.
func (p *buffers) keep(b []byte) []byte { return append(p.get(len(b)), b...) }

func (p *buffers) get(n int) []byte {
	for i, size := range bufferSizes {
		if n > size {
			continue
		}
		if first, ok := p[i].Get().(*byte); ok {
			return unsafe.Slice(first, size)[:0]
		}
		return make([]byte, 0, size)
	}
	return make([]byte, 0, n)
}

// put takes a buffer back. One of another size, or none, it leaves alone.
func (p *buffers) put(b []byte) {
	for i, size := range bufferSizes {
		if cap(b) == size {
			p[i].Put(unsafe.SliceData(b))
			return
		}
	}
}
