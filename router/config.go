package router

import (
	"net/netip"
	"time"

	"sipid/isupbody"
)

// Config is all the router is told: where calls come from and where they may go.
type Config struct {
	Trunks   []Trunk
	Groups   []Group
	Profiles []Profile        // header profiles that groups and clients name
	Now      func() time.Time // the clock for clients with dates; nil: time.Now
}

// Trunk is the SIP-I side: the platforms behind some addresses, and what they may do.
type Trunk struct {
	Name        string
	Sources     []netip.Prefix // the source addresses that make the trunk
	Networks    []netip.Prefix // where in-dialog requests may go; none: Sources
	Identify    []Source       // in the order of trying; none: DefaultSources
	StripPrefix []string       // prefixes taken off numbers that ride in SIP headers, never off ISUP ones
	AccessIDs   []string       // patterns of what the trunk may claim, "1001" or "10*"; none: all
	MayUse      []Source       // sources that may identify; what another finds is not-allowed; none: all
	FirstWins   bool           // the first source that resolves decides; without, access-ID sources that disagree are ambiguous

	Calling        NumberRule // for the calling number; its Form also for the caller behind an access number
	Called         NumberRule // for the called number, before an access number is looked for
	OriginalCalled NumberRule // for the ISUP original called number, which is an identifier: none unless told
	AccessNumbers  []string   // of the source called-suffix
	NumberPlan     []string   // patterns of plausible numbers behind an access number; none: ChinaPlan
	DirectClient   string     // access ID of the client for calling numbers that no client lists; empty: none

	ISUPReplies  string        // ISUPAuto, ISUPAlways or ISUPNever; empty: ISUPAuto
	CauseProfile string        // CauseQ1912 or CauseRFC3398; empty: CauseQ1912
	Causes       map[int]uint8 // Q.850 cause by SIP status, before the profile's table
	ISUP         ISUP          // what stands in the ISUP that is added
	ISUPEncoding string        // of the ISUP that comes: EncodingBinary, EncodingHex or EncodingBase64; empty: EncodingBinary
	ISUPVariant  string        // of ISUP whose Content-Type says nothing: VariantITU or VariantANSI; empty: that of ISUP.Base
	Reject       bool          // refuse what is not identified, instead of forwarding it
	MaxCPS       float64       // calls per second; 0: no limit
	MaxCalls     int           // calls at one time; 0: no limit
	LimitBusy    bool          // a call over a limit gets 486, not 503 with Retry-After

	index   int // in Router.Trunks
	plan    NumberPlan
	needs   bool             // called-suffix or calling is among Identify
	refuses uint32           // bit n: what source n finds is not-allowed
	variant isupbody.Variant // what ISUPVariant and ISUP.Base come to
}

// Index is the trunk's place in [Router.Trunks], for what is kept of each trunk.
func (t *Trunk) Index() int { return t.index }

// NeedsCaller says whether Route reads the headers that name the caller.
func (t *Trunk) NeedsCaller() bool { return t.needs }

// The values of Trunk.ISUPReplies.
const (
	ISUPAuto   = "auto" // if the INVITE had ISUP
	ISUPAlways = "always"
	ISUPNever  = "never"
)

// The values of Trunk.ISUPEncoding. RFC 3204 section 3 wants binary; text is read
// only from a trunk that is said to send it.
const (
	EncodingBinary = "binary"
	EncodingHex    = "hex"
	EncodingBase64 = "base64"
)

// The values of Trunk.ISUPVariant.
const (
	VariantITU  = "itu"
	VariantANSI = "ansi"
)

// The values of Trunk.CauseProfile.
const (
	CauseQ1912   = "q1912.5"
	CauseRFC3398 = "rfc3398"
)

// Body says what becomes of an INVITE's body on the way to a PBX.
type Body uint8

// The body modes, with their names in the configuration.
const (
	BodySDP  Body = iota // sdp: the ISUP part is taken out
	BodyKeep             // keep: untouched
)

// String gives the name in the configuration.
func (b Body) String() string {
	if b == BodyKeep {
		return "keep"
	}
	return "sdp"
}

// Group is a PBX group: agent PBXs that take the same calls.
type Group struct {
	Name          string
	Targets       []Target
	Networks      []netip.Prefix // where in-dialog requests may go; none: the targets' addresses
	Body          Body
	HeaderProfile string // which headers its calls get; empty: the trusted ones
	Personal      bool   // its headers of a profile may carry the calling number
	ISUPInfo      string // InfoAnswer or InfoPass: what becomes of an INFO with nothing but ISUP; empty: InfoAnswer
	FailoverOn    []int  // SIP statuses that make the call try the next target
	MaxCalls      int    // calls at one time; 0: no limit
	Probe         Probe
}

// Target is one agent PBX.
type Target struct {
	URI       string
	Transport string         // "udp", "tcp" or "tls"; empty means udp, or what DNS says when Named
	Addr      netip.AddrPort // where it is; unset when Named
	Named     bool           // URI has a name: its Endpoints are found while we run
	Host      string         // host[:port] as it stands in URI, for the Request-URI
	Weight    int            // share of the calls among equals; 0 means 1
	Priority  int            // the lowest is tried first; 0 means 1
	MaxCalls  int            // calls at one time; 0: no limit
	Large     Large          // how requests go that are too large for UDP; of a UDP target
}

// Large says how a request goes to a UDP target that is larger than RFC 3261
// 18.1.1 lets go by UDP.
type Large uint8

// The ways: by TCP where the target has answered an OPTIONS by TCP, always by
// TCP first, never by TCP.
const (
	LargeAuto Large = iota
	LargeTCP
	LargeUDP
)

// Probe says how a group's targets are watched with OPTIONS. The zero value
// does not probe.
type Probe struct {
	Interval, Timeout time.Duration
	DownAfter         int // failures in a row that take a target out
	UpAfter           int // successes in a row that bring it back
}
