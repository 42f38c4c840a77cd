package decode

import (
	"fmt"
	"strings"

	"sipid/isupbody"
	"sipid/q850"
)

// The words for indicators: only what is set or chosen is named, so that a line
// stays a line.

// phrase is one indicator and the words for it.
type phrase struct {
	set   bool
	words string
}

func phrases(all ...phrase) string {
	var said []string
	for _, p := range all {
		if p.set && p.words != "" {
			said = append(said, p.words)
		}
	}
	return strings.Join(said, ", ")
}

// choice picks the words for a value of an indicator; an empty word is left out,
// a value without one is spare.
func choice(indicator string, v int, words ...string) phrase {
	if v >= len(words) {
		return phrase{true, fmt.Sprintf("%s %d", indicator, v)}
	}
	return phrase{true, words[v]}
}

// word is what a value calls itself; where that is only its number, the
// indicator's name stands before it.
func word(indicator, value string) phrase {
	if value[0] >= '0' && value[0] <= '9' {
		value = indicator + " " + value
	}
	return phrase{true, value}
}

func numberMeaning(name isupbody.ParameterName, n isupbody.Number) string {
	digits := n.Digits()
	if digits == "" {
		digits = "no digits"
	}
	if n.ST() {
		digits += " ST"
	}
	if name == isupbody.ParamSubsequentNumber {
		return digits
	}
	j := newJSONNumber(name, n)
	return digits + "; " + phrases(
		phrase{j.Qualifier != nil, word("qualifier", n.Qualifier.String()).words},
		word("nature", n.Nature.String()),
		word("plan", n.Plan.String()),
		phrase{j.Presentation != nil, "presentation " + n.Presentation.String()},
		phrase{j.Screening != nil, n.Screening.String()},
		phrase{n.INN, "no routing to internal numbers"},
		phrase{n.Incomplete, "incomplete"},
	)
}

func natureMeaning(n isupbody.NatureOfConnection) string {
	return phrases(
		choice("satellites", n.Satellites(), "no satellite", "one satellite", "two satellites"),
		choice("continuity check", n.ContinuityCheck(), "", "continuity check on this circuit", "continuity check on a previous circuit"),
		phrase{n.EchoDevice(), "echo device included"},
	)
}

func forwardMeaning(f isupbody.ForwardCall) string {
	return phrases(
		phrase{f.International(), "international"},
		phrase{!f.International(), "national"},
		choice("end-to-end method", f.EndToEndMethod(), "", "pass-along method", "SCCP method", "pass-along and SCCP methods"),
		phrase{f.Interworking(), "interworking encountered"},
		phrase{f.EndToEndInformation(), "end-to-end information"},
		phrase{f.ISUPAllTheWay(), "ISUP all the way"},
		choice("preference", f.Preference(), "ISUP preferred", "ISUP not required", "ISUP required"),
		phrase{f.ISDNAccess(), "ISDN access"},
		choice("SCCP method", f.SCCPMethod(), "", "connectionless", "connection oriented", "connectionless and connection oriented"),
		phrase{f.PortedNumberTranslated(), "ported number translated"},
		phrase{f.QueryOnRelease(), "query on release"},
	)
}

func backwardMeaning(b isupbody.BackwardCall) string {
	return phrases(
		choice("charge", b.Charge(), "", "no charge", "charge"),
		choice("called status", b.CalledStatus(), "", "subscriber free", "connect when free"),
		choice("called category", b.CalledCategory(), "", "ordinary subscriber", "payphone"),
		choice("end-to-end method", b.EndToEndMethod(), "", "pass-along method", "SCCP method", "pass-along and SCCP methods"),
		phrase{b.Interworking(), "interworking encountered"},
		phrase{b.EndToEndInformation(), "end-to-end information"},
		phrase{b.ISUPAllTheWay(), "ISUP all the way"},
		phrase{b.Holding(), "holding requested"},
		phrase{b.ISDNAccess(), "ISDN access"},
		phrase{b.EchoDevice(), "echo device included"},
		choice("SCCP method", b.SCCPMethod(), "", "connectionless", "connection oriented", "connectionless and connection oriented"),
	)
}

func optionalBackwardMeaning(o isupbody.OptionalBackwardCall) string {
	return phrases(
		phrase{o.InBand(), "in-band information available"},
		phrase{o.DiversionMayOccur(), "call diversion may occur"},
		phrase{o.Segmentation(), "more in a segmentation message"},
		phrase{o.MLPPUser(), "MLPP user"},
	)
}

func causeMeaning(c isupbody.Cause) string {
	return phrases(
		phrase{true, fmt.Sprintf("cause %d, %v", c.Value, c.Location)},
		phrase{c.Coding != 0, fmt.Sprintf("coding standard %d", c.Coding)},
		phrase{c.HasRecommendation, fmt.Sprintf("recommendation %d", c.Recommendation)},
		phrase{len(c.Diagnostics) > 0, fmt.Sprintf("diagnostics %x", c.Diagnostics)},
		phrase{c.Coding == 0 && q850.Cause(c.Value).Valid(), statusMeaning(c)},
	)
}

// statusMeaning is the SIP status that says the same as a cause, by each profile.
func statusMeaning(c isupbody.Cause) string {
	status := func(p q850.Profile) string {
		n := p.StatusOf(q850.Cause(c.Value), q850.Location(c.Location))
		if n == 0 {
			return fmt.Sprintf("no status by %v", p)
		}
		return fmt.Sprintf("%d by %v", n, p)
	}
	return "in SIP " + status(q850.Q1912) + ", " + status(q850.RFC3398)
}

func redirectionMeaning(r isupbody.RedirectionInformation) string {
	return phrases(
		choice("indicator", int(r.Indicator), "no redirection", "rerouted", "rerouted, all restricted", "diverted", "diverted, all restricted",
			"rerouted, number restricted", "diverted, number restricted"),
		phrase{true, "originally " + r.OriginalReason.String()},
		phrase{!r.Short, fmt.Sprintf("then %v, %d times", r.Reason, r.Counter)},
	)
}

func userMeaning(u isupbody.UserToUser) string {
	return fmt.Sprintf("protocol %d, %q", u.Protocol, u.Data)
}

func suspendMeaning(s isupbody.SuspendResume) string {
	if s.ByNetwork() {
		return "by the network"
	}
	return "by an ISDN subscriber"
}

func eventMeaning(e isupbody.EventInformation) string {
	return phrases(word("event", e.String()), phrase{e.Restricted(), "presentation restricted"})
}

func hopMeaning(h isupbody.HopCounter) string { return fmt.Sprint(uint8(h)) }
