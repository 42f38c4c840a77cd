package isupbody_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"sipid/isupbody"
)

// publicVectors lie beside the repository, not in it: their octets belong to
// other projects.
const publicVectors = "../../shared/vectors/public.json"

type publicVector struct {
	ID, Variant, Hex string
	Expected         publicExpected
}

// publicExpected is what Wireshark 4.0.17 made of a vector.
type publicExpected struct {
	MessageType uint8 `json:"message_type"`
	Params      [][3]any
	Order       []uint8 `json:"optional_order"`
	Ended       bool    `json:"end_of_optional"`
	Category    *uint8  `json:"cpc"`
	Medium      *uint8  `json:"tmr"`
	Hop         *uint8  `json:"hop_counter"`
	Event       *uint8  `json:"event"`
	Cause       *struct{ Location, Coding, Value uint8 }
	Redirection *struct {
		Indicator, Counter, Reason uint8
		OriginalReason             uint8 `json:"original_reason"`
	} `json:"redirection_info"`
	Called     *publicNumber
	Calling    *publicNumber
	Location   *publicNumber
	Connected  *publicNumber
	Original   *publicNumber `json:"original_called"`
	Redirect   *publicNumber `json:"redirecting"`
	Redirected *publicNumber `json:"redirection_number"`
	CalledIN   *publicNumber `json:"called_in"`
	Transfer   *publicNumber `json:"call_transfer"`
	Subsequent *publicNumber
	Generic    []publicNumber
}

type publicNumber struct {
	Digits                     string
	NAI, NPI, NI, INN          uint8
	APRI, Screening, Qualifier uint8
}

func loadPublicVectors(t *testing.T) []publicVector {
	text, err := os.ReadFile(publicVectors)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the public vectors are not here (%s): they are not part of the repository", publicVectors)
	}
	if err != nil {
		t.Fatal(err)
	}
	var vs []publicVector
	if err := json.Unmarshal(text, &vs); err != nil {
		t.Fatal(err)
	}
	if len(vs) == 0 {
		t.Fatal("no public vectors in the file")
	}
	return vs
}

func TestPublicVectors(t *testing.T) {
	// What we read otherwise than Wireshark, and why.
	noOptionalPointer := map[string]bool{
		// jss7 leaves the optional pointer out of these two types, Wireshark
		// then takes the first octet of the contents for it.
		"jss7-cnf": true, "jss7-sam": true,
	}
	for _, v := range loadPublicVectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			m, err := isupbody.Decode(unhex(t, v.Hex), isupbody.VariantOf([]byte(v.Variant)))
			if uint8(m.Type()) != v.Expected.MessageType {
				t.Errorf("type %v, want %d", m.Type(), v.Expected.MessageType)
			}
			if noOptionalPointer[v.ID] {
				if !errors.Is(err, isupbody.ErrPointer) {
					t.Errorf("error %v, want %v", err, isupbody.ErrPointer)
				}
				return
			}
			comparePublic(t, v, &m, err)
		})
	}
}

func comparePublic(t *testing.T, v publicVector, m *isupbody.Message, err error) {
	e := v.Expected
	// The optional pointers of these two are wrong by one: Wireshark clips the
	// length it then reads, or says nothing; we stop.
	pointerOff := v.ID == "jskit-iam" || v.ID == "jskit-anm"
	if pointerOff && !errors.Is(err, io.ErrUnexpectedEOF) || !pointerOff && err != nil {
		t.Errorf("error %v", err)
	}
	if v.ID != "jss7-sdn" && v.ID != "jskit-iam" { // Wireshark leaves the SDN undecoded
		compareParameters(t, m, e)
	}
	compareNumbers(t, m, e)
	compareValues(t, m, e)
	// Wireshark gave up inside the application transport of the last two.
	if e.Ended != m.Ended() && len(e.Order) > 0 && v.ID != "jss7-apt" && v.ID != "jss7-pri" {
		t.Errorf("Ended() = %v, want %v", m.Ended(), e.Ended)
	}
}

func compareParameters(t *testing.T, m *isupbody.Message, e publicExpected) {
	i := 0
	for p := range m.Parameters {
		if i >= len(e.Params) {
			t.Fatalf("one more parameter, %v", p.Name)
		}
		code, section, contents := e.Params[i][0].(float64), e.Params[i][1].(string), e.Params[i][2].(string)
		if float64(p.Name) != code || !strings.HasPrefix(p.Section.String(), section) || hex.EncodeToString(p.Contents) != contents {
			t.Errorf("%d %v %x, want %v", p.Name, p.Section, p.Contents, e.Params[i])
		}
		i++
	}
	if i != len(e.Params) {
		t.Errorf("%d parameters, want %d", i, len(e.Params))
	}
}

func compareNumbers(t *testing.T, m *isupbody.Message, e publicExpected) {
	for _, c := range []struct {
		get  func() (isupbody.Number, error)
		want *publicNumber
	}{
		{m.CalledPartyNumber, e.Called}, {m.CallingPartyNumber, e.Calling},
		{m.LocationNumber, e.Location}, {m.ConnectedNumber, e.Connected},
		{m.OriginalCalledNumber, e.Original}, {m.RedirectingNumber, e.Redirect},
		{m.RedirectionNumber, e.Redirected}, {m.CalledINNumber, e.CalledIN},
		{m.CallTransferNumber, e.Transfer}, {m.SubsequentNumber, e.Subsequent},
	} {
		if c.want != nil {
			n, err := c.get()
			compareNumber(t, n, err, *c.want)
		}
	}
	for i, w := range e.Generic {
		n, err := m.GenericNumber(i)
		compareNumber(t, n, err, w)
	}
}

func compareNumber(t *testing.T, n isupbody.Number, err error, w publicNumber) {
	t.Helper()
	got := withST(n)
	if len(w.Digits) == 32 && len(got) > 32 { // Wireshark shows no more than 32
		got = got[:32]
	}
	if err != nil || got != w.Digits {
		t.Errorf("digits %s, %v, want %s", got, err, w.Digits)
	}
	flags := publicNumber{w.Digits, uint8(n.Nature), uint8(n.Plan), 0, 0, uint8(n.Presentation), uint8(n.Screening), uint8(n.Qualifier)}
	if n.INN {
		flags.INN = 1
	}
	if n.Incomplete {
		flags.NI = 1
	}
	if flags != w {
		t.Errorf("%+v, want %+v", flags, w)
	}
}

func compareValues(t *testing.T, m *isupbody.Message, e publicExpected) {
	if e.Category != nil {
		if c, err := m.CallingPartyCategory(); err != nil || uint8(c) != *e.Category {
			t.Errorf("category %d, %v, want %d", c, err, *e.Category)
		}
	}
	if e.Medium != nil {
		if c, err := m.TransmissionMedium(); err != nil || uint8(c) != *e.Medium {
			t.Errorf("medium %d, %v, want %d", c, err, *e.Medium)
		}
	}
	if e.Hop != nil {
		if c, err := m.HopCounter(); err != nil || uint8(c) != *e.Hop {
			t.Errorf("hop counter %d, %v, want %d", c, err, *e.Hop)
		}
	}
	if e.Event != nil {
		if c, err := m.EventInformation(); err != nil || uint8(c.Event()) != *e.Event {
			t.Errorf("event %d, %v, want %d", c, err, *e.Event)
		}
	}
	if w := e.Cause; w != nil {
		c, err := m.Cause()
		// Wireshark reads location and value of the ITU-T coding standard only.
		if err != nil || c.Coding != w.Coding || w.Coding == 0 && (uint8(c.Location) != w.Location || c.Value != w.Value) {
			t.Errorf("cause %+v, %v, want %+v", c, err, *w)
		}
	}
	if w := e.Redirection; w != nil {
		r, err := m.RedirectionInformation()
		if err != nil || r.Indicator != w.Indicator || r.Counter != w.Counter ||
			uint8(r.Reason) != w.Reason || uint8(r.OriginalReason) != w.OriginalReason {
			t.Errorf("redirection information %+v, %v, want %+v", r, err, *w)
		}
	}
}
