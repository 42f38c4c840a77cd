package router

import (
	"fmt"
	"strings"

	"sipid/isupbody"
	"sipid/q850"
)

// ISUP says what stands in the ISUP that is added for a trunk. A field that is
// empty leaves it to the trunk's cause profile.
type ISUP struct {
	Base    string // of the ISUP a trunk speaks whose INVITE does not say: itu-t92+ when empty (RFC 3204 table 1)
	Version string // the version parameter, by agreement with the trunk; empty: the base

	// Backward call indicators, Q.763 clause 3.5.
	Charge        string // ChargeNone, ChargeFree or ChargeCharge
	Category      string // CategoryNone, CategoryOrdinary or CategoryPayphone
	Interworking  string // Yes or No
	ISUPAllTheWay string // Yes or No
	ISDNAccess    string // Yes or No

	Location string // of causes, in the abbreviations of RFC 8606: U, LPN, LN, TN, RLN, RPN, INTL, BI
}

// The values of ISUP's fields.
const (
	ChargeNone   = "none" // no indication
	ChargeFree   = "no-charge"
	ChargeCharge = "charge"

	CategoryNone     = "none" // no indication
	CategoryOrdinary = "ordinary"
	CategoryPayphone = "payphone"

	Yes = "yes"
	No  = "no"
)

// The values of Group.ISUPInfo.
const (
	InfoAnswer = "answer" // here, with 200
	InfoPass   = "pass"   // on to the PBX, without its body
)

func (t *Trunk) validateReplies(f *faults, path string) {
	oneOf(f, path+".isup_replies", t.ISUPReplies, ISUPAuto, ISUPAlways, ISUPNever)
	oneOf(f, path+".cause_profile", t.CauseProfile, CauseQ1912, CauseRFC3398)
	for status, cause := range t.Causes {
		if status < 300 || status > 699 {
			f.add(fmt.Sprintf("%s.causes.%d", path, status), "is no SIP status that refuses a call")
		}
		if !q850.Cause(cause).Valid() {
			f.add(fmt.Sprintf("%s.causes.%d", path, status), "%d is no cause of Q.850, 1 to %d", cause, q850.MaxCause)
		}
	}
	t.ISUP.validate(f, path+".isup")
	oneOf(f, path+".isup_encoding", t.ISUPEncoding, EncodingBinary, EncodingHex, EncodingBase64)
	oneOf(f, path+".isup_variant", t.ISUPVariant, VariantITU, VariantANSI)
	if t.VariantDisputed() {
		f.add(path+".isup_variant", "%q is not that of isup.base %q", t.ISUPVariant, t.ISUP.Base)
	}
}

// VariantDisputed tells whether ISUPVariant and ISUP.Base contradict each other.
func (t *Trunk) VariantDisputed() bool {
	base, ok := isupbody.ParseBase(t.ISUP.Base)
	return ok && t.ISUPVariant != "" && t.ISUPVariant != base.Variant().String()
}

func (i *ISUP) validate(f *faults, path string) {
	if _, ok := isupbody.ParseBase(i.Base); !ok && i.Base != "" {
		f.add(path+".base", "%q is not in table 1 of RFC 3204", i.Base)
	}
	if !IsToken(i.Version) {
		f.add(path+".version", "%q is no token", i.Version)
	}
	oneOf(f, path+".charge", i.Charge, ChargeNone, ChargeFree, ChargeCharge)
	oneOf(f, path+".category", i.Category, CategoryNone, CategoryOrdinary, CategoryPayphone)
	oneOf(f, path+".interworking", i.Interworking, Yes, No)
	oneOf(f, path+".isup_all_the_way", i.ISUPAllTheWay, Yes, No)
	oneOf(f, path+".isdn_access", i.ISDNAccess, Yes, No)
	if _, ok := q850.ParseLocation(i.Location); !ok && i.Location != "" {
		f.add(path+".location", "%q is no location of RFC 8606", i.Location)
	}
}

// tokenMarks are the characters of a token beside letters and digits (RFC 3261
// section 25.1).
const tokenMarks = "-.!%*_+`'~"

// IsToken tells whether ISUP.Version may have this value: a token, which needs
// no quotes, or nothing.
func IsToken(s string) bool {
	return strings.Trim(s, tokenMarks+"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
