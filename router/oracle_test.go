package router_test

import (
	"slices"
	"strings"

	"sipid/router"
)

// The oracle decides by the rules of docs/operations.md, on strings and by linear scan. It shares
// no code with the router: first the outcome of every number, then the rules.

// found is what the sources of a call have to say.
type found struct {
	numbers map[router.Source][]string // in the order of trying; "" is absent
	fault   map[router.Source]router.Status
	body    bool // the body could not be split
}

type answer struct {
	status router.Status
	source router.Source
	id     string
	serial string
	refuse int
}

type voice struct {
	source     router.Source
	status     router.Status
	id, serial string
}

func oracle(clients []router.Client, t *router.Trunk, f *found) answer {
	var voices []voice
	for _, s := range t.Identify {
		if status, faulty := f.fault[s]; faulty {
			voices = append(voices, voice{source: s, status: status})
			continue
		}
		for _, n := range f.numbers[s] {
			if n != "" {
				voices = append(voices, hear(clients, t, s, n))
			}
		}
	}
	a := judge(voices, f.body)
	if t.Reject {
		a.refuse = map[router.Status]int{router.StatusResolved: 0, router.StatusNotAllowed: 403, router.StatusClientDisabled: 480}[a.status]
		if a.refuse == 0 && a.status != router.StatusResolved {
			a.refuse = 404
		}
	}
	return a
}

func hear(clients []router.Client, t *router.Trunk, s router.Source, number string) voice {
	v := voice{source: s, status: router.StatusUnknownAccessID}
	for i := range clients {
		c := &clients[i]
		if !strings.HasPrefix(number, c.AccessID) {
			continue
		}
		v.id, v.serial = c.AccessID, number[len(c.AccessID):]
		switch {
		case len(v.serial) != c.SerialDigits, strings.Trim(v.serial, "0123456789") != "":
			v.status = router.StatusBadSerial
		case !c.Enabled:
			v.status = router.StatusClientDisabled
		case !slices.ContainsFunc(t.AccessIDs, func(p string) bool {
			return p == c.AccessID || strings.HasSuffix(p, "*") && strings.HasPrefix(c.AccessID, strings.TrimSuffix(p, "*"))
		}) && len(t.AccessIDs) > 0:
			v.status = router.StatusNotAllowed
		default:
			v.status = router.StatusResolved
		}
	}
	return v
}

// judge: the search ends at the first voice that is neither no-identity nor
// unknown-access-id. If that one resolves, later ones that resolve to another
// client make the call ambiguous.
func judge(voices []voice, body bool) answer {
	end := slices.IndexFunc(voices, func(v voice) bool {
		return v.status != router.StatusNoIdentity && v.status != router.StatusUnknownAccessID
	})
	if end >= 0 && voices[end].status == router.StatusResolved {
		winner := voices[end]
		for _, v := range voices[end:] {
			if v.status == router.StatusResolved && v.id != winner.id {
				return answer{status: router.StatusAmbiguous}
			}
		}
		return answer{status: router.StatusResolved, source: winner.source, id: winner.id, serial: winner.serial}
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
