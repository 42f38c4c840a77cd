package config

import (
	"maps"
	"slices"
	"strconv"

	"sipid/isupbody"
	"sipid/q850"
	"sipid/router"
)

// causes reads the trunk's own causes by SIP status.
func (t *trunkConfig) causes(p *problems, path string) map[int]uint8 {
	if len(t.Causes) == 0 {
		return nil
	}
	list := make(map[int]uint8, len(t.Causes))
	for _, name := range slices.Sorted(maps.Keys(t.Causes)) {
		at := path + "." + name
		status, err := strconv.Atoi(name)
		if err != nil || status < 300 || status > 699 {
			p.add(at, "a SIP status from 300 to 699 is expected")
			continue
		}
		list[status] = uint8(whole(p, at, t.Causes[name], 0, 1, int(q850.MaxCause)))
	}
	return list
}

func (c *isupConfig) validate(p *problems, path string) router.ISUP {
	if _, ok := isupbody.ParseBase(string(c.Base)); !ok && c.Base != "" {
		p.add(path+".base", "%q: a base of RFC 3204 is expected, as in itu-t92+ or ansi00", c.Base)
	}
	oneOf(p, path+".charge", c.Charge, router.ChargeNone, router.ChargeFree, router.ChargeCharge)
	oneOf(p, path+".category", c.Category, router.CategoryNone, router.CategoryOrdinary, router.CategoryPayphone)
	oneOf(p, path+".interworking", c.Interworking, router.Yes, router.No)
	oneOf(p, path+".isup_all_the_way", c.ISUPAllTheWay, router.Yes, router.No)
	oneOf(p, path+".isdn_access", c.ISDNAccess, router.Yes, router.No)
	if _, ok := q850.ParseLocation(string(c.Location)); !ok && c.Location != "" {
		p.add(path+".location", "%q: a location of RFC 8606 is expected: U, LPN, LN, TN, RLN, RPN, INTL or BI", c.Location)
	}
	if !router.IsToken(string(c.Version)) {
		p.add(path+".version", "%q: a word without spaces and separators is expected", c.Version)
	}
	return router.ISUP{
		Base: string(c.Base), Version: string(c.Version), Charge: string(c.Charge), Category: string(c.Category),
		Interworking: string(c.Interworking), ISUPAllTheWay: string(c.ISUPAllTheWay), ISDNAccess: string(c.ISDNAccess),
		Location: string(c.Location),
	}
}
