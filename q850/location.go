package q850

import "strconv"

// Location is where a cause was generated, Q.850 clause 2.2.3: four bits.
type Location uint8

// The locations, in RFC 8606's abbreviations.
const (
	LocationU    Location = 0  // user
	LocationLPN  Location = 1  // private network serving the local user
	LocationLN   Location = 2  // public network serving the local user
	LocationTN   Location = 3  // transit network
	LocationRLN  Location = 4  // public network serving the remote user
	LocationRPN  Location = 5  // private network serving the remote user
	LocationINTL Location = 7  // international network
	LocationBI   Location = 10 // network beyond interworking point
)

// locationNames are the values of the location parameter, RFC 8606 section 4.
// Those that Q.850 leaves for national use and the future have numbers for names.
var locationNames = [16]string{
	"U", "LPN", "LN", "TN", "RLN", "RPN", "LOC-6", "INTL",
	"LOC-8", "LOC-9", "BI", "LOC-11", "LOC-12", "LOC-13", "LOC-14", "LOC-15",
}

// String gives the value of the location parameter, RFC 8606 section 4.
func (l Location) String() string {
	if int(l) < len(locationNames) {
		return locationNames[l]
	}
	return "LOC-" + strconv.Itoa(int(l))
}

// ParseLocation reads a value of the location parameter, in any case.
func ParseLocation[T string | []byte](text T) (Location, bool) {
	for i, name := range &locationNames {
		if fold(text, name) {
			return Location(i), true
		}
	}
	return 0, false
}

// fold compares ASCII without regard to case.
func fold[T string | []byte](b T, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range len(s) {
		if lower(b[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}
