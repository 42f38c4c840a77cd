package proxy

import "time"

// stuckAfter is how far the timers may lag behind before they count as stuck.
const stuckAfter = time.Second

// Turning tells whether messages are read and timers fire, waiting for a sign
// of it for at most patience. It is for a watchdog, while Serve runs.
func (p *Proxy) Turning(patience time.Duration) bool {
	return p.wheel.lag() < stuckAfter && p.transport.Turning(patience)
}

// lag is how long ago the last tick was that was handled.
func (w *wheel) lag() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now() - time.Duration(w.done)*wheelTick
}
