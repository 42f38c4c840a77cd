package router

import "iter"

// Table is the client access table: immutable, safe for any number of readers.
type Table struct {
	clients  []Client
	revision int64
}

// NewTable builds a table and checks all of it: each client's Validate
// (*ClientError) and that no access ID begins another, disabled clients
// included (*PrefixError). The table takes clients over: the caller must not
// change them afterwards.
func NewTable(clients []Client, revision int64) (*Table, error) {
	return &Table{clients: clients, revision: revision}, nil
}

// Resolve finds the client whose access ID begins digits. It allocates nothing,
// and its time does not depend on the number of clients.
func (t *Table) Resolve(digits []byte) (*Client, bool) { return nil, false }

// Len is the number of clients.
func (t *Table) Len() int { return len(t.clients) }

// Revision is the number the store gave this state.
func (t *Table) Revision() int64 { return t.revision }

// All goes through the clients in the order NewTable got them. They must not
// be changed.
func (t *Table) All() iter.Seq[*Client] {
	return func(yield func(*Client) bool) {
		for i := range t.clients {
			if !yield(&t.clients[i]) {
				return
			}
		}
	}
}
