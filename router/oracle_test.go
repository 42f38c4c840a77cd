package router_test

import (
	"regexp"
	"slices"
	"strings"

	"sipid/router"
)

// The oracle decides by the rules of docs/operations.md, on strings and by linear scan. It shares
// no code with the router: first the outcome of every number, then the rules.

// found is what the sources of a call have to say.
type found struct {
	numbers [router.SourceCalling + 1][]string // in the order of trying; "" is absent
	fault   [router.SourceCalling + 1]router.Status
	body    bool // the body could not be split

	called, calling string // + in front where they say to be international
	iam             bool   // there is one that can be read
	uri             string // the number in the Request-URI
	restricted      bool
	callers         bool // the IAM has several calling numbers that differ
}

type answer struct {
	status  router.Status
	source  router.Source
	id      string
	serial  string
	caller  string
	refuse  int
	differs bool
}

type voice struct {
	source             router.Source
	status             router.Status
	id, serial, caller string
	row                *router.Client
}

// voices is what every source of a message says, before any trunk is asked.
func voices(clients []router.Client, t *router.Trunk, f *found) (list [router.SourceCalling + 1][]voice) {
	for s := router.SourceISUPOriginalCalled; s <= router.SourceCalling; s++ {
		switch {
		case f.fault[s] != router.StatusNoIdentity:
			list[s] = []voice{{source: s, status: f.fault[s]}}
		case s == router.SourceCalledSuffix:
			list[s] = hearSuffix(clients, t, f)
		case s == router.SourceCalling && f.iam && f.callers:
			list[s] = []voice{{source: s, status: router.StatusAmbiguous}}
		case s == router.SourceCalling:
			if from := ruled(t.Calling, f.calling); from != "" {
				list[s] = []voice{hearCaller(clients, t, s, from, from)}
			}
		default:
			for _, n := range f.numbers[s] {
				if n != "" && !(s == router.SourceTo && n == strings.TrimPrefix(strings.TrimPrefix(f.uri, "+9"), "+")) {
					list[s] = append(list[s], hear(clients, s, n))
				}
			}
		}
	}
	return list
}

func oracle(heard *[router.SourceCalling + 1][]voice, t *router.Trunk, f *found) answer {
	var list []voice
	for _, s := range t.Identify {
		for _, v := range heard[s] {
			if v.status == router.StatusResolved && !claims(t, s, v.row.AccessID) {
				v.status = router.StatusNotAllowed
			}
			list = append(list, v)
		}
	}
	a := judge(list, f.body, t.FirstWins)
	if f.restricted {
		a.caller = ""
	}
	if t.Reject {
		a.refuse = map[router.Status]int{router.StatusResolved: 0, router.StatusNotAllowed: 403, router.StatusClientDisabled: 480}[a.status]
		if a.refuse == 0 && a.status != router.StatusResolved {
			a.refuse = 404
		}
	}
	a.differs = f.iam && differs(t, f.called, f.uri)
	return a
}

func hear(clients []router.Client, s router.Source, number string) voice {
	v := voice{source: s, status: router.StatusUnknownAccessID}
	for i := range clients {
		c := &clients[i]
		if !strings.HasPrefix(number, c.AccessID) {
			continue
		}
		v.row, v.id, v.serial = c, c.AccessID, number[len(c.AccessID):]
		switch {
		case len(v.serial) != c.SerialDigits, strings.Trim(v.serial, "0123456789") != "":
			v.status = router.StatusBadSerial
		case !c.Enabled:
			v.status = router.StatusClientDisabled
		default:
			v.status = router.StatusResolved
		}
	}
	return v
}

func claims(t *router.Trunk, s router.Source, id string) bool {
	if len(t.MayUse) > 0 && !slices.Contains(t.MayUse, s) {
		return false
	}
	return len(t.AccessIDs) == 0 || slices.ContainsFunc(t.AccessIDs, func(p string) bool {
		return p == id || strings.HasSuffix(p, "*") && strings.HasPrefix(id, strings.TrimSuffix(p, "*"))
	})
}

var plausible = regexp.MustCompile(`^(1[3-9]\d{9}|01[3-9]\d{9}|010[1-9]\d{7}|02\d[1-9]\d{7}|0[3-9]\d\d[1-9]\d{6,7})$`)

func hearSuffix(clients []router.Client, t *router.Trunk, f *found) []voice {
	called := f.called
	if !f.iam {
		called = strings.TrimPrefix(strings.TrimPrefix(called, "+9"), "+")
	}
	if slices.Contains(t.AccessNumbers, called) {
		return nil
	}
	var callers []string
	begun := false
	for _, access := range t.AccessNumbers {
		if strings.HasPrefix(called, access) {
			begun = true
			if rest := strings.TrimPrefix(called, access); plausible.MatchString(rest) {
				callers = append(callers, rest)
			}
		}
	}
	switch {
	case !begun:
		return nil
	case len(callers) != 1:
		return []voice{{source: router.SourceCalledSuffix, status: router.StatusAmbiguous}}
	}
	if f.iam && f.callers {
		return []voice{{source: router.SourceCalledSuffix, status: router.StatusAmbiguous}}
	}
	caller := ruled(router.NumberRule{Form: t.Calling.Form}, callers[0])
	return []voice{hearCaller(clients, t, router.SourceCalledSuffix, ruled(t.Calling, f.calling), caller)}
}

func hearCaller(clients []router.Client, t *router.Trunk, s router.Source, from, caller string) voice {
	v := voice{source: s, status: router.StatusUnknownAccessID, caller: caller}
	for i := range clients {
		if from != "" && slices.ContainsFunc(clients[i].Calling, func(n string) bool { return spelled(n) == spelled(from) }) {
			if v.row != nil {
				return voice{source: s, status: router.StatusAmbiguous}
			}
			v.row = &clients[i]
		}
	}
	for i := range clients {
		if v.row == nil && t.DirectClient != "" && clients[i].AccessID == t.DirectClient {
			v.row = &clients[i]
			break
		}
	}
	if v.row == nil {
		return v
	}
	v.id, v.status = v.row.AccessID, router.StatusResolved
	if !v.row.Enabled {
		v.status = router.StatusClientDisabled
	}
	return v
}

// spelled gives all spellings of a number one name.
func spelled(n string) string {
	switch {
	case strings.HasPrefix(n, "+86"):
		return "CN " + strings.TrimPrefix(n[3:], "0")
	case strings.HasPrefix(n, "0086"):
		return "CN " + strings.TrimPrefix(n[4:], "0")
	case strings.HasPrefix(n, "86") && len(n) > 10:
		return "CN " + strings.TrimPrefix(n[2:], "0")
	case n[0] == '+':
		return "other " + n[1:]
	case strings.HasPrefix(n, "00"):
		return "other " + n[2:]
	case len(n) >= 10:
		return "CN " + strings.TrimPrefix(n, "0")
	}
	return n
}

var withArea = regexp.MustCompile(`^CN (1[012]\d+|[^1]\d{9,})$`)

// ruled is what a rule makes of a number; what is none counts as absent.
func ruled(r router.NumberRule, n string) string {
	best := ""
	for _, p := range r.Strip {
		if strings.HasPrefix(n, p) && len(p) > len(best) {
			best = p
		}
	}
	if n == "" {
		return ""
	}
	n = r.Add + n[len(best):]
	if d := strings.TrimPrefix(n, "+"); d == "" || len(d) > 32 || strings.Trim(d, "0123456789") != "" {
		return ""
	}
	s := spelled(n)
	country, rest, named := strings.Cut(s, " ")
	switch {
	case !named || r.Form == "":
		return n
	case r.Form == router.FormInternational && country == "CN":
		return "+86" + rest
	case r.Form == router.FormInternational:
		return "+" + rest
	case country != "CN":
		return "00" + rest
	case len(rest) == 10 && (rest[:3] == "400" || rest[:3] == "800") || len(rest) == 11 && rest[0] == '1' && rest[1] > '2':
		return rest
	case withArea.MatchString(s) || len(rest) >= 10:
		return "0" + rest
	}
	return rest
}

// differs compares what ISUP and SIP call the called number.
func differs(t *router.Trunk, called, uri string) bool {
	called, uri = strings.TrimPrefix(called, "+"), strings.TrimPrefix(uri, "+")
	if called == "" || uri == "" || called == uri {
		return false
	}
	long, short := called, uri
	if len(long) < len(short) {
		long, short = short, long
	}
	if !strings.HasSuffix(long, short) {
		return true
	}
	extra := strings.TrimSuffix(long, short)
	return !slices.Contains([]string{"", "0", "00", "86", "086", "0086"}, extra) &&
		!slices.ContainsFunc(t.StripPrefix, func(p string) bool { return extra != "" && strings.TrimPrefix(p, "+") == extra })
}

// judge: the search ends at the first voice that is neither no-identity nor
// unknown-access-id. If that one resolves by an access ID, later ones that do so
// for another client make the call ambiguous.
func judge(voices []voice, body, firstWins bool) answer {
	end := slices.IndexFunc(voices, func(v voice) bool {
		return v.status != router.StatusNoIdentity && v.status != router.StatusUnknownAccessID
	})
	votes := func(s router.Source) bool { return s != router.SourceCalledSuffix && s != router.SourceCalling }
	if end >= 0 && voices[end].status == router.StatusResolved {
		winner := voices[end]
		for _, v := range voices[end:] {
			if votes(winner.source) && !firstWins && votes(v.source) && v.status == router.StatusResolved && v.id != winner.id {
				return answer{status: router.StatusAmbiguous}
			}
		}
		return answer{status: router.StatusResolved, source: winner.source, id: winner.id, serial: winner.serial, caller: winner.caller}
	}
	if end < 0 {
		end = len(voices) - 1
	}
	for _, v := range voices[:end+1] {
		if v.status != router.StatusNoIdentity {
			return answer{status: v.status}
		}
	}
	if body {
		return answer{status: router.StatusMalformedBody}
	}
	return answer{status: router.StatusNoIdentity}
}
