package decode

import (
	"fmt"
	"strings"

	"sipid/isupbody"
)

// The words for what is more than a few bits.

func optionalForwardMeaning(o isupbody.OptionalForwardCall) string {
	return phrases(
		choice("closed user group", o.ClosedUserGroup(), "", "closed user group 1", "closed user group, outgoing access", "closed user group, no outgoing access"),
		phrase{o.Segmentation(), "more in a segmentation message"},
		phrase{o.ConnectedLineRequested(), "connected line identity requested"},
	)
}

func userIndicatorsMeaning(u isupbody.UserToUserIndicators) string {
	said := []phrase{{u.Response(), "response"}, {!u.Response(), "request"}}
	words := []string{"", "1", "not essential", "essential"}
	if u.Response() {
		words = []string{"", "not provided", "provided", "3"}
	}
	for n := 1; n <= 3; n++ {
		if w := words[u.Service(n)]; w != "" {
			said = append(said, phrase{true, fmt.Sprintf("service %d %s", n, w)})
		}
	}
	return phrases(append(said, phrase{u.Discarded(), "discarded by the network"})...)
}

func userServiceMeaning(u isupbody.UserService) string {
	said := []phrase{
		word("capability", u.Capability.String()),
		{u.Coding != 0, fmt.Sprintf("coding standard %d", u.Coding)},
		choice("mode", int(u.Mode), "circuit", "mode 1", "packet"),
		{u.Rate == 16, "64 kbit/s"},
		{u.Multiplier > 0, fmt.Sprintf("%d x 64 kbit/s", u.Multiplier)},
		{u.Rate != 16 && u.Multiplier == 0, fmt.Sprintf("rate %d", u.Rate)},
	}
	for i, l := range u.Layers {
		said = append(said,
			phrase{l.Present && i == 0 && l.Protocol == 2, "G.711 mu-law"},
			phrase{l.Present && i == 0 && l.Protocol == 3, "G.711 A-law"},
			phrase{l.Present && (i > 0 || l.Protocol != 2 && l.Protocol != 3), fmt.Sprintf("layer %d protocol %d", i+1, l.Protocol)})
	}
	return phrases(said...)
}

func networkMeaning(n isupbody.TransitNetwork) string {
	return fmt.Sprintf("%s; type %d, plan %d", n.Number.Digits(), n.Type, n.Plan)
}

func delayMeaning(d isupbody.PropagationDelay) string { return fmt.Sprintf("%d ms", uint16(d)) }

func continuityMeaning(c isupbody.Continuity) string {
	if c.Successful() {
		return "check successful"
	}
	return "check failed"
}

func accessMeaning(a isupbody.AccessTransport) string {
	var said []string
	for e := range a.Elements {
		said = append(said, elementMeaning(e))
	}
	return strings.Join(said, ", ")
}

// elementMeaning names the information elements of Q.931 that switches send.
func elementMeaning(e isupbody.InformationElement) string {
	name := map[uint8]string{
		0x04: "bearer capability", 0x1E: "progress indicator", 0x28: "display", 0x6D: "calling subaddress",
		0x71: "called subaddress", 0x7C: "low layer compatibility", 0x7D: "high layer compatibility",
	}[e.ID]
	if name == "" {
		name = fmt.Sprintf("element 0x%02x", e.ID)
	}
	if e.Single() {
		return name
	}
	return fmt.Sprintf("%s %x", name, e.Contents)
}

func notificationMeaning(g isupbody.GenericNotification) string {
	var said []phrase
	for n := range g.Notifications {
		said = append(said, word("notification", n.String()))
	}
	return phrases(said...)
}

// compatibilityMeaning says what is to be done with parameters nobody knows.
func compatibilityMeaning(v isupbody.Variant) func(isupbody.ParameterCompatibility) string {
	return func(c isupbody.ParameterCompatibility) string {
		var said []string
		for i := range c.Instructions {
			said = append(said, i.Name.In(v)+": "+instructionMeaning(i.Instruction))
		}
		return strings.Join(said, "; ")
	}
}

func instructionMeaning(i isupbody.Instruction) string {
	broadband, both := i.Broadband()
	return phrases(
		phrase{i.ReleaseCall(), "release the call"},
		phrase{i.DiscardMessage(), "discard the message"},
		phrase{i.DiscardParameter(), "discard the parameter"},
		phrase{!i.ReleaseCall() && !i.DiscardMessage() && !i.DiscardParameter(), "pass on"},
		phrase{i.SendNotification(), "notify"},
		phrase{i.EndNode(), "in transit too"},
		choice("if it cannot be passed on", i.PassOnNotPossible(), "else release the call", "else discard the message",
			"else discard the parameter"),
		phrase{both, fmt.Sprintf("broadband %d", broadband)},
	)
}

func transportMeaning(a isupbody.ApplicationTransport) string {
	return phrases(
		phrase{true, fmt.Sprintf("context %d", a.Context)},
		phrase{a.ReleaseCall, "release the call if unknown"},
		phrase{a.SendNotification, "notify if unknown"},
		phrase{a.NewSequence, "first segment"},
		phrase{a.Segments > 0, fmt.Sprintf("segments to follow: %d", a.Segments)},
		phrase{a.HasReference, fmt.Sprintf("reference %d", a.Reference)},
		phrase{true, fmt.Sprintf("%d octets", len(a.Information))},
	)
}
