package router

import (
	"context"
	"time"
)

// ClientStore keeps the client table. Package routertest holds the conformance
// suite that every store passes.
//
// All methods may be called from several goroutines and processes at once; a
// write is one transaction, seen whole or not at all. A call returns ctx's
// error when ctx ends first. Returned values belong to the caller.
//
// Writes check Client.Validate (*FieldError) and that no access ID begins
// another, disabled clients included (*PrefixError), at the end of the
// transaction: an import may swap two. by says who asks for the change, for
// the history; a refused write leaves neither a change nor a history entry.
type ClientStore interface {
	// Clients gives all clients, sorted by access ID (octet order).
	Clients(ctx context.Context) ([]Client, error)
	// Client gives one client, or ErrNoClient.
	Client(ctx context.Context, accessID string) (Client, error)
	// AddClient adds a client; ErrClientExists when the access ID is there.
	AddClient(ctx context.Context, c Client, by string) error
	// SetClient replaces the client with c's access ID, or ErrNoClient.
	// Setting what is there already writes no history.
	SetClient(ctx context.Context, c Client, by string) error
	// RemoveClient removes a client, or ErrNoClient.
	RemoveClient(ctx context.Context, accessID, by string) error
	// SetEnabled enables or disables a client, or ErrNoClient. Setting what
	// is there already writes no history.
	SetEnabled(ctx context.Context, accessID string, enabled bool, by string) error
	// ImportClients writes all clients or none. An invalid one is a
	// *ClientError with its index; one that is there twice a *PrefixError.
	// A replace that would remove more than 20 % of the clients is a
	// *ShrinkError unless forced.
	ImportClients(ctx context.Context, clients []Client, o ImportOptions) (ImportResult, error)
	// History gives the changes of one client, or of all when accessID is
	// empty, newest first, at most limit of them (0: all). A client nobody
	// ever wrote has an empty history.
	History(ctx context.Context, accessID string, limit int) ([]Change, error)
}

// ImportMode says what happens to clients that an import does not list.
type ImportMode uint8

// The import modes of `sipid client import --mode`.
const (
	ImportUpsert  ImportMode = iota // they stay
	ImportReplace                   // they are removed
)

// String gives the name the command line uses.
func (m ImportMode) String() string {
	if m == ImportReplace {
		return "replace"
	}
	return "upsert"
}

// ImportOptions says how an import runs.
type ImportOptions struct {
	Mode   ImportMode
	DryRun bool   // check all of it, write nothing
	Force  bool   // allow a replace that removes more than 20 %
	By     string // for the history
}

// ImportResult counts what an import did, or would do.
type ImportResult struct {
	Added, Changed, Unchanged, Removed int
}

// The actions of a Change.
const (
	ActionAdd     = "add"
	ActionSet     = "set"
	ActionRemove  = "remove"
	ActionEnable  = "enable"
	ActionDisable = "disable"
)

// Change is one entry of the client table's history. Before is nil for an
// addition, After is nil for a removal. An import writes one entry for each
// client it adds, sets or removes.
type Change struct {
	At            time.Time
	By            string
	Action        string
	AccessID      string
	Before, After *Client
}
