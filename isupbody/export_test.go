package isupbody

import "strconv"

// LayoutRow describes a message type's parts as a row of testdata/messages.csv.
func LayoutRow(t MessageType) (fixed, variable, optional string) {
	l := &layouts[t]
	for _, f := range l.fixed {
		fixed += " " + f.name.String() + ":" + strconv.Itoa(f.length)
	}
	for _, v := range l.variable {
		variable += " " + v.String()
	}
	optional = "no"
	if l.optional {
		optional = "yes"
	}
	if l.opaque {
		optional = "opaque"
	}
	return fixed, variable, optional
}
