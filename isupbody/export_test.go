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

// LayoutNames gives what a message type's mandatory parts consist of, and whether
// it has an optional part.
func LayoutNames(t MessageType, v Variant) (fixed, variable []ParameterName, optional bool) {
	l := &layouts[t]
	if t == MessageIAM && v == VariantANSI {
		l = &ansiIAM
	}
	for _, f := range l.fixed {
		fixed = append(fixed, f.name)
	}
	return fixed, l.variable, l.optional
}

// NumberFieldNames gives what a number parameter has beside its digits.
func NumberFieldNames(n ParameterName) []string {
	names := []string{"Digits", "ST"}
	for _, f := range []struct {
		field numberFields
		name  string
	}{
		{hasQualifier, "Qualifier"}, {hasNature, "Nature"}, {hasPlan, "Plan"}, {hasINN, "INN"},
		{hasIncomplete, "Incomplete"}, {hasPresentation, "Presentation"}, {hasScreening, "Screening"},
	} {
		if n.numberFields()&f.field != 0 {
			names = append(names, f.name)
		}
	}
	return names
}
