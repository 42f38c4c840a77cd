package router

// First chooses the target of a call: a weighted rendezvous hash of the Call-ID
// over the targets of the best priority. It depends on the configuration alone,
// not on health or on time, so that a retransmission and a process started
// later choose the same.
func (g *Group) First(callID []byte) int { return 0 }
