package decode

import (
	"strconv"
	"strings"
)

// Visible shows what a peer sent without letting it move a terminal's cursor:
// control characters, and octets that are no UTF-8, are written out.
func Visible(s string) string {
	clean := true
	for _, r := range s {
		clean = clean && strconv.IsPrint(r) && r != '\uFFFD'
	}
	if clean {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}
