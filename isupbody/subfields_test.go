package isupbody_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"sipid/isupbody"
)

// TestVariantFor holds the order: base, version, the rest of the label, default.
func TestVariantFor(t *testing.T) {
	itu, ansi := isupbody.VariantITU, isupbody.VariantANSI
	for _, c := range []struct {
		label             string
		ituDflt, ansiDflt isupbody.Variant
	}{
		{"", itu, ansi},
		{"application/isup", itu, ansi},
		{"application/ISUP;version=nxv3", itu, ansi},
		{"application/ISUP; version=nxv3;\r\nbase=etsi121", itu, itu},
		{"application/ISUP;version=ansi00;base=itu-t92+", itu, itu},
		{"application/ISUP;version=itu-t92+;base=ANSI88", ansi, ansi},
		{"application/ISUP ; Version = \"itu-t92+\" ; x", itu, itu},
		{"application/ISUP;base=X-ours;version=ansi00", ansi, ansi},
		{"application/ISUP;base=GR317", ansi, ansi},
		{"application/ISUP;base=gr-317", ansi, ansi},
		{"application/ISUP;base=ttc93+", itu, itu},
		{"application/ISUP;base=itu-like-ansi", ansi, ansi}, // the name of ANSI wins wherever it stands
		{"application/ISUP;version=spirou", itu, itu},
		{`application/ISUP;x=";base=ansi00";version=itu-t92+`, itu, itu},
		{"application/ISUP;variant=ansi", ansi, ansi},
		{"application/ISUP;base=itu-t88;base=ansi00", itu, itu},
		{"application/ISUP;base=", itu, ansi},
	} {
		if got := isupbody.VariantFor([]byte(c.label), itu); got != c.ituDflt {
			t.Errorf("%q with default itu: %v", c.label, got)
		}
		if got := isupbody.VariantFor([]byte(c.label), ansi); got != c.ansiDflt {
			t.Errorf("%q with default ansi: %v", c.label, got)
		}
	}
}

// optional wraps contents into an ANM.
func optional(tb testing.TB, name isupbody.ParameterName, contents string) isupbody.Message {
	tb.Helper()
	return decode(tb, fmt.Sprintf("0901%02x%02x%s00", uint8(name), len(contents)/2, contents))
}

// octetIndicators are the one-octet indicators: what they show, and the same
// octet built field by field.
func TestOctetIndicators(t *testing.T) {
	for v := range 256 {
		b := byte(v)
		n := isupbody.NatureOfConnection(b)
		o := isupbody.OptionalForwardCall(b)
		u := isupbody.UserToUserIndicators(b)
		w := isupbody.OptionalBackwardCall(b)
		e := isupbody.EventInformation(b)
		for name, c := range map[string]struct{ got, want []byte }{
			"nature": {isupbody.NatureOfConnection(b &^ 0x1F).WithSatellites(n.Satellites()).WithContinuityCheck(n.ContinuityCheck()).
				WithEchoDevice(n.EchoDevice()).AppendContents(nil), n.AppendContents(nil)},
			"optional forward": {isupbody.OptionalForwardCall(b &^ 0x87).WithClosedUserGroup(o.ClosedUserGroup()).WithSegmentation(o.Segmentation()).
				WithConnectedLineRequested(o.ConnectedLineRequested()).AppendContents(nil), o.AppendContents(nil)},
			"user to user": {isupbody.UserToUserIndicators(0).WithResponse(u.Response()).WithService(1, u.Service(1)).WithService(2, u.Service(2)).
				WithService(3, u.Service(3)).WithDiscarded(u.Discarded()).AppendContents(nil), u.AppendContents(nil)},
			"optional backward": {isupbody.OptionalBackwardCall(b & 0xF0).WithInBand(w.InBand()).WithDiversionMayOccur(w.DiversionMayOccur()).
				WithSegmentation(w.Segmentation()).WithMLPPUser(w.MLPPUser()).AppendContents(nil), w.AppendContents(nil)},
			"event":   {e.Event().WithRestricted(e.Restricted()).AppendContents(nil), e.AppendContents(nil)},
			"suspend": {isupbody.SuspendResume(b & 0xFE).WithByNetwork(isupbody.SuspendResume(b).ByNetwork()).AppendContents(nil), []byte{b}},
			"continuity": {isupbody.Continuity(b & 0xFE).WithSuccessful(isupbody.Continuity(b).Successful()).AppendContents(nil),
				isupbody.Continuity(b).AppendContents(nil)},
			"hop":      {isupbody.HopCounter(b).AppendContents(nil), []byte{b & 0x1F}},
			"category": {isupbody.CallingPartyCategory(b).AppendContents(nil), []byte{b}},
			"medium":   {isupbody.TransmissionMedium(b).AppendContents(nil), []byte{b}},
		} {
			if len(c.want) != 1 || !bytes.Equal(c.got, c.want) {
				t.Fatalf("%s %02x: built %x, want %x", name, b, c.got, c.want)
			}
		}
	}
}

// TestIndicatorBits holds which bit is which, by hand.
func TestIndicatorBits(t *testing.T) {
	u := isupbody.UserToUserIndicators(0xCB) // 1 10 01 01 1
	if !u.Response() || u.Service(1) != 1 || u.Service(2) != 1 || u.Service(3) != 2 || !u.Discarded() || u.Service(0) != 0 || u.Service(4) != 0 {
		t.Errorf("user-to-user indicators %#x", u)
	}
	if u.WithService(0, 3) != u || u.WithService(4, 3) != u || u.WithService(2, 2) != 0xD3 {
		t.Error("WithService")
	}
	o := isupbody.OptionalForwardCall(0x82)
	if o.ClosedUserGroup() != 2 || o.Segmentation() || !o.ConnectedLineRequested() || !isupbody.OptionalForwardCall(4).Segmentation() {
		t.Errorf("optional forward call indicators %#x", o)
	}
	if isupbody.Continuity(0xFE).Successful() || !isupbody.Continuity(1).Successful() {
		t.Error("continuity")
	}
	if n := isupbody.NatureOfConnection(0).WithSatellites(5); n != 1 {
		t.Errorf("a value that does not fit touches other bits: %#x", n)
	}
}

// TestTwoOctetIndicators takes both call indicators apart and builds them again.
func TestTwoOctetIndicators(t *testing.T) {
	for v := range 1 << 16 {
		b := isupbody.BackwardCall{byte(v >> 8), byte(v)}
		again := isupbody.BackwardCall{}.WithCharge(b.Charge()).WithCalledStatus(b.CalledStatus()).WithCalledCategory(b.CalledCategory()).
			WithEndToEndMethod(b.EndToEndMethod()).WithInterworking(b.Interworking()).WithEndToEndInformation(b.EndToEndInformation()).
			WithISUPAllTheWay(b.ISUPAllTheWay()).WithHolding(b.Holding()).WithISDNAccess(b.ISDNAccess()).WithEchoDevice(b.EchoDevice()).
			WithSCCPMethod(b.SCCPMethod())
		if again != b || !bytes.Equal(b.AppendContents(nil), b[:]) {
			t.Fatalf("backward %x became %x", b, again)
		}
		f := isupbody.ForwardCall{byte(v >> 8), byte(v)}
		forward := isupbody.ForwardCall{0, f[1] & 0xC8}.WithInternational(f.International()).WithEndToEndMethod(f.EndToEndMethod()).
			WithInterworking(f.Interworking()).WithEndToEndInformation(f.EndToEndInformation()).WithISUPAllTheWay(f.ISUPAllTheWay()).
			WithPreference(f.Preference()).WithISDNAccess(f.ISDNAccess()).WithSCCPMethod(f.SCCPMethod()).
			WithPortedNumberTranslated(f.PortedNumberTranslated()).WithQueryOnRelease(f.QueryOnRelease())
		if forward != f || !bytes.Equal(f.AppendContents(nil), f[:]) {
			t.Fatalf("forward %x became %x", f, forward)
		}
	}
}

func TestUserService(t *testing.T) {
	for contents, want := range map[string]string{
		"8090a3":            "{0 speech 0 16 0 [{true 3 []} {false 0 []} {false 0 []}] []}",
		"8890":              "{0 unrestricted digital information 0 16 0 [{false 0 []} {false 0 []} {false 0 []}] []}",
		"889883a2":          "{0 unrestricted digital information 0 24 3 [{true 2 []} {false 0 []} {false 0 []}] []}",
		"88902101" + "8f":   "{0 unrestricted digital information 0 16 0 [{true 1 [1 143]} {false 0 []} {false 0 []}] []}",
		"8890a3c0" + "0102": "{0 unrestricted digital information 0 16 0 [{true 3 []} {true 0 []} {false 0 []}] [1 2]}",
		"e3ffe6":            "{3 3 3 31 0 [{false 0 []} {false 0 []} {true 6 []}] []}",
	} {
		m := optional(t, isupbody.ParamUserServiceInformationPrime, contents)
		u, err := m.UserServiceInformationPrime()
		if got := fmt.Sprint(u); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", contents, got, err, want)
		}
		if got := hex.EncodeToString(u.AppendContents(nil)); got != contents {
			t.Errorf("%s written as %s", contents, got)
		}
	}
	for capability, want := range map[isupbody.TransferCapability]string{
		9: "restricted digital information", 16: "3.1 kHz audio", 17: "unrestricted digital information with tones", 24: "video", 25: "25",
	} {
		if got := capability.String(); got != want {
			t.Errorf("%d: %q", capability, got)
		}
	}
}

func TestApplicationTransport(t *testing.T) {
	for contents, want := range map[string]isupbody.ApplicationTransport{
		"8582c0aabb":     {Context: 5, SendNotification: true, NewSequence: true, Information: []byte{0xAA, 0xBB}},
		"8181030aff":     {},
		"058381c1":       {Context: 5 | 3<<7, ReleaseCall: true, NewSequence: true, Segments: 1, Information: []byte{}},
		"8380438a010203": {Context: 3, NewSequence: true, Segments: 3, HasReference: true, Reference: 10, Information: []byte{1, 2, 3}},
	} {
		m := optional(t, isupbody.ParamApplicationTransport, contents)
		got, err := m.ApplicationTransport(0)
		if contents == "8181030aff" { // the reference lacks bit 8: it is what it is, and written with it
			want, contents = isupbody.ApplicationTransport{Context: 1, ReleaseCall: true, Segments: 3, HasReference: true, Reference: 10, Information: []byte{0xFF}}, "8181038aff"
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, %v, want %+v", contents, got, err, want)
		}
		if written := hex.EncodeToString(got.AppendContents(nil)); written != contents {
			t.Errorf("%s written as %s", contents, written)
		}
	}
}

func TestAccessTransport(t *testing.T) {
	const contents = "7d029181" + "a1" + "9e" + "7c0388" + "90a3" + "6c00"
	m := optional(t, isupbody.ParamAccessTransport, contents)
	a, err := m.AccessTransport()
	if err != nil {
		t.Fatal(err)
	}
	var again isupbody.AccessTransport
	shown := ""
	for e := range a.Elements {
		shown += fmt.Sprintf("%02x:%x:%v ", e.ID, e.Contents, e.Single())
		if again, err = again.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if want := "7d:9181:false a1::true 9e::true 7c:8890a3:false 6c::false "; shown != want {
		t.Errorf("%s, want %s", shown, want)
	}
	if got := hex.EncodeToString(again.AppendContents(nil)); got != contents {
		t.Errorf("written as %s", got)
	}
	for range a.Elements {
		break // a loop may end early
	}
	if _, err := again.Append(isupbody.InformationElement{ID: 1, Contents: make([]byte, 256)}); !errors.Is(err, isupbody.ErrTooLong) {
		t.Errorf("256 octets: %v", err)
	}
	for broken, kept := range map[string]int{"7d039181": 0, "a17d": 1, "6c007d0291": 2} {
		m := optional(t, isupbody.ParamAccessTransport, broken)
		if a, err := m.AccessTransport(); !errors.Is(err, errShort) || len(a) != kept {
			t.Errorf("%s: %x, %v", broken, a, err)
		}
	}
	for range isupbody.AccessTransport([]byte{0x7D, 9}).Elements {
		t.Error("an element beyond the end")
	}
}

func TestGenericNotification(t *testing.T) {
	m := decode(t, "0901"+"2c02"+"60f9"+"2c0104"+"2c03"+"83aabb"+"00")
	for nth, want := range []string{"call is a waiting call, remote hold", "call completion delay", "extension"} {
		g, err := m.GenericNotification(nth)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		var again isupbody.GenericNotification
		for n := range g.Notifications {
			if got != "" {
				got += ", "
			}
			got += n.String()
			again = again.Append(n)
		}
		if got != want {
			t.Errorf("%d: %q, want %q", nth, got, want)
		}
		if nth == 0 && !bytes.Equal(again.AppendContents(nil), g) {
			t.Errorf("written as %x", again)
		}
	}
	if _, err := m.GenericNotification(3); !errors.Is(err, isupbody.ErrAbsent) {
		t.Errorf("a fourth: %v", err)
	}
	if got := isupbody.Notification(5).String(); got != "5" {
		t.Errorf("unknown notification %q", got)
	}
}

func TestParameterCompatibility(t *testing.T) {
	const contents = "fed0" + "3d1e82" + "23a1"
	m := optional(t, isupbody.ParamParameterCompatibilityInformation, contents)
	c, err := m.ParameterCompatibility()
	if err != nil {
		t.Fatal(err)
	}
	var again isupbody.ParameterCompatibility
	for i := range c.Instructions {
		if again, err = again.Append(i); err != nil {
			t.Fatal(err)
		}
	}
	if got := hex.EncodeToString(again.AppendContents(nil)); got != contents {
		t.Errorf("written as %s", got)
	}
	show := func(i isupbody.Instruction) string {
		b, two := i.Broadband()
		return fmt.Sprint(i.EndNode(), i.ReleaseCall(), i.SendNotification(), i.DiscardMessage(), i.DiscardParameter(), i.PassOnNotPossible(), b, two)
	}
	for name, want := range map[isupbody.ParameterName]string{
		0xFE: "false false false false true 2 0 false",
		0x3D: "false true true true true 0 2 true",
		0x23: "true false false false false 1 0 false",
		0x99: "false false false false false 0 0 false",
	} {
		i, ok := c.For(name)
		if got := show(i); got != want || ok != (name != 0x99) {
			t.Errorf("%v: %s, want %s", name, got, want)
		}
	}
	for _, bad := range []isupbody.Instruction{nil, {0x01}, {0x80, 0x80}} {
		if _, err := c.Append(isupbody.ParameterInstruction{Name: 1, Instruction: bad}); !errors.Is(err, isupbody.ErrLength) {
			t.Errorf("%x: %v", []byte(bad), err)
		}
	}
	for broken, kept := range map[string]int{"fe": 0, "fed0fd": 2, "fed0fd01": 2} {
		m := optional(t, isupbody.ParamParameterCompatibilityInformation, broken)
		if c, err := m.ParameterCompatibility(); !errors.Is(err, errShort) || len(c) != kept {
			t.Errorf("%s: %x, %v", broken, c, err)
		}
	}
	for range isupbody.ParameterCompatibility([]byte{0xFE}).Instructions {
		t.Error("an instruction beyond the end")
	}
}

func TestTransitNetworkAndDelay(t *testing.T) {
	m := decode(t, "0901"+"2303"+"a12103"+"3102"+"0102"+"00")
	n, err := m.TransitNetwork()
	if err != nil || n.Type != 2 || n.Plan != 1 || n.Number.Digits() != "123" {
		t.Errorf("%+v, %v", n, err)
	}
	if got := n.AppendContents(nil); !bytes.Equal(got, []byte{0xA1, 0x21, 0x03}) {
		t.Errorf("written as %x", got)
	}
	empty := isupbody.TransitNetwork{Type: 7, Plan: 15}
	if got := empty.AppendContents(nil); !bytes.Equal(got, []byte{0x7F}) {
		t.Errorf("without digits %x", got)
	}
	d, err := m.PropagationDelay()
	if err != nil || d != 258 || !bytes.Equal(d.AppendContents(nil), []byte{1, 2}) {
		t.Errorf("%d, %v", d, err)
	}
}

// TestShortSubfields cuts every parameter that has a least length.
func TestShortSubfields(t *testing.T) {
	for name, c := range map[isupbody.ParameterName]struct {
		contents []string
		get      func(*isupbody.Message) error
	}{
		isupbody.ParamUserServiceInformation:       {[]string{"", "80", "8098", "809021"}, func(m *isupbody.Message) error { _, err := m.UserServiceInformation(); return err }},
		isupbody.ParamApplicationTransport:         {[]string{"", "8180", "018080", "818000"}, func(m *isupbody.Message) error { _, err := m.ApplicationTransport(0); return err }},
		isupbody.ParamPropagationDelayCounter:      {[]string{"", "01"}, func(m *isupbody.Message) error { _, err := m.PropagationDelay(); return err }},
		isupbody.ParamTransitNetworkSelection:      {[]string{""}, func(m *isupbody.Message) error { _, err := m.TransitNetwork(); return err }},
		isupbody.ParamGenericNotificationIndicator: {[]string{""}, func(m *isupbody.Message) error { _, err := m.GenericNotification(0); return err }},
		isupbody.ParamUserToUserIndicators:         {[]string{""}, func(m *isupbody.Message) error { _, err := m.UserToUserIndicators(); return err }},
		isupbody.ParamForwardCallIndicators:        {[]string{"", "20"}, func(m *isupbody.Message) error { _, err := m.ForwardCall(); return err }},
	} {
		for _, contents := range c.contents {
			m := optional(t, name, contents)
			var place *isupbody.ParseError
			if err := c.get(&m); !errors.Is(err, errShort) || !errors.As(err, &place) || place.Parameter != name || place.Offset != 4+len(contents)/2 {
				t.Errorf("%v %q: %v", name, contents, err)
			}
		}
	}
}

// TestContent writes and reads the types that are not made of parameters.
func TestContent(t *testing.T) {
	for _, typ := range []isupbody.MessageType{isupbody.MessagePAM, isupbody.MessageCRG} {
		content := isupbody.AppendCPG(nil, isupbody.EventAlerting, nil, nil)
		b, err := isupbody.Draft{Type: typ, Content: content}.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		m := decode(t, hex.EncodeToString(b))
		if !bytes.Equal(m.Content(), content) {
			t.Errorf("%v: %x", typ, m.Content())
		}
		inner, err := m.PassedAlong()
		if typ == isupbody.MessagePAM {
			if e, _ := inner.EventInformation(); err != nil || e != isupbody.EventAlerting {
				t.Errorf("passed along: %v, %v", e, err)
			}
		} else if !errors.Is(err, isupbody.ErrNotPassAlong) {
			t.Errorf("%v: %v", typ, err)
		}
	}
	m := decode(t, "0900")
	if m.Content() != nil {
		t.Errorf("an ANM has content %x", m.Content())
	}
	if _, err := (isupbody.Draft{Type: isupbody.MessageANM, Content: []byte{0}}).MarshalBinary(); !errors.Is(err, isupbody.ErrNotOpaque) {
		t.Errorf("ANM with content: %v", err)
	}
	d := isupbody.Draft{Type: isupbody.MessageCOT}
	d.Add(isupbody.ParamContinuityIndicators, isupbody.Continuity(0).WithSuccessful(true).AppendContents(nil))
	b, err := d.MarshalBinary()
	if m := decode(t, hex.EncodeToString(b)); err != nil || hex.EncodeToString(b) != "0501" {
		t.Errorf("COT %x, %v", m.Raw(), err)
	}
}

// TestReplacedNth changes one of several.
func TestReplacedNth(t *testing.T) {
	m := decode(t, "0901"+"2c0184"+"2c0160"+"00")
	b, err := m.AppendReplacedNth(nil, isupbody.ParamGenericNotificationIndicator, 1, []byte{0x79, 0xFA})
	if err != nil || hex.EncodeToString(b) != "0901"+"2c0184"+"2c0279fa"+"00" {
		t.Errorf("%x, %v", b, err)
	}
	if _, err := m.AppendReplacedNth(nil, isupbody.ParamGenericNotificationIndicator, 2, nil); !errors.Is(err, isupbody.ErrAbsent) {
		t.Errorf("a third: %v", err)
	}
}
