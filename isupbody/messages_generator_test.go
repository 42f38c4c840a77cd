package isupbody_test

import (
	"math/rand/v2"
	"testing"

	"sipid/isupbody"
)

// sipiTypes are the messages that may ride in SIP-I.
var sipiTypes = []isupbody.MessageType{
	isupbody.MessageIAM, isupbody.MessageSAM, isupbody.MessageACM, isupbody.MessageCPG, isupbody.MessageANM,
	isupbody.MessageCON, isupbody.MessageREL, isupbody.MessageRLC, isupbody.MessageSUS, isupbody.MessageRES,
	isupbody.MessageFOT, isupbody.MessageINR, isupbody.MessageINF, isupbody.MessageFAC, isupbody.MessageFAR,
	isupbody.MessageFAA, isupbody.MessageFRJ, isupbody.MessageUSR, isupbody.MessageNRM, isupbody.MessageCFN,
	isupbody.MessageIDR, isupbody.MessageIRS, isupbody.MessageLOP, isupbody.MessageAPM, isupbody.MessagePRI,
	isupbody.MessageSGM, isupbody.MessageCRG, isupbody.MessageCOT, isupbody.MessagePAM,
}

// generatedMessage is one random message of any type, as drafted and as written.
type generatedMessage struct {
	draft  isupbody.Draft
	octets []byte
}

// generateMessages makes n messages, all types in turn; the seed decides them.
func generateMessages(tb testing.TB, seed uint64, n int, v isupbody.Variant) []generatedMessage {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	gs := make([]generatedMessage, n)
	for i := range gs {
		gs[i] = generateMessage(tb, r, sipiTypes[i%len(sipiTypes)], v)
	}
	return gs
}

func generateMessage(tb testing.TB, r *rand.Rand, typ isupbody.MessageType, v isupbody.Variant) generatedMessage {
	d := isupbody.Draft{Type: typ, Variant: v}
	switch typ {
	case isupbody.MessageCRG: // exception: charge-information
		d.Content = randomOctets(r, int(r.UintN(20)))
	case isupbody.MessagePAM:
		inner := sipiTypes[r.UintN(uint(len(sipiTypes)-3))] // neither CRG, COT nor another PAM
		d.Content = generateMessage(tb, r, inner, v).octets
	default:
		fixed, variable, optional := isupbody.LayoutNames(typ, v)
		for _, name := range append(fixed, variable...) {
			d.Add(name, randomContents(tb, r, name, v))
		}
		for n := r.UintN(7); optional && n > 0; n-- {
			name := optionalNames[r.UintN(uint(len(optionalNames)))]
			if v == isupbody.VariantANSI && name == isupbody.ParamTransitNetworkSelection {
				name = isupbody.ParamHopCounter // exception: ansi-transit-network
			}
			d.Add(name, randomContents(tb, r, name, v))
		}
	}
	octets, err := d.MarshalBinary()
	if err != nil {
		tb.Fatalf("%v: %v", typ, err)
	}
	return generatedMessage{d, octets}
}

// optionalNames are what the optional parts are made of, repeats included.
var optionalNames = []isupbody.ParameterName{
	isupbody.ParamCalledPartyNumber, isupbody.ParamCallingPartyNumber, isupbody.ParamRedirectingNumber,
	isupbody.ParamRedirectionNumber, isupbody.ParamConnectedNumber, isupbody.ParamOriginalCalledNumber,
	isupbody.ParamLocationNumber, isupbody.ParamCallTransferNumber, isupbody.ParamCalledINNumber,
	isupbody.ParamOriginalCalledINNumber, isupbody.ParamGenericNumber, isupbody.ParamGenericNumber,
	isupbody.ParamSubsequentNumber, isupbody.ParamRedirectionInformation, isupbody.ParamCauseIndicators,
	isupbody.ParamBackwardCallIndicators, isupbody.ParamOptionalBackwardCallIndicators,
	isupbody.ParamOptionalForwardCallIndicators, isupbody.ParamEventInformation,
	isupbody.ParamUserServiceInformation, isupbody.ParamUserServiceInformationPrime,
	isupbody.ParamUserToUserInformation, isupbody.ParamUserToUserIndicators, isupbody.ParamHopCounter,
	isupbody.ParamAccessTransport, isupbody.ParamGenericNotificationIndicator,
	isupbody.ParamParameterCompatibilityInformation, isupbody.ParamPropagationDelayCounter,
	isupbody.ParamTransitNetworkSelection, isupbody.ParamApplicationTransport,
	isupbody.ParamNetworkSpecificFacility, isupbody.ParamForwardGVNS, isupbody.ParamCorrelationID,
	isupbody.ParamDisplayInformation, isupbody.ParamChargedPartyIdentification, 0xFD, 0xFE,
}

// randomContents makes contents of that parameter by the type that reads it.
func randomContents(tb testing.TB, r *rand.Rand, name isupbody.ParameterName, v isupbody.Variant) []byte {
	octet := byte(r.UintN(256))
	switch name {
	case isupbody.ParamNatureOfConnectionIndicators:
		return isupbody.NatureOfConnection(octet & 0x1F).AppendContents(nil)
	case isupbody.ParamForwardCallIndicators:
		return isupbody.ForwardCall{octet, byte(r.UintN(256))}.AppendContents(nil)
	case isupbody.ParamBackwardCallIndicators:
		return isupbody.BackwardCall{octet, byte(r.UintN(256))}.AppendContents(nil)
	case isupbody.ParamCallingPartyCategory:
		return isupbody.CallingPartyCategory(octet).AppendContents(nil)
	case isupbody.ParamTransmissionMediumRequirement:
		return isupbody.TransmissionMedium(octet).AppendContents(nil)
	case isupbody.ParamOptionalBackwardCallIndicators:
		return isupbody.OptionalBackwardCall(octet).AppendContents(nil)
	case isupbody.ParamOptionalForwardCallIndicators:
		return isupbody.OptionalForwardCall(octet).AppendContents(nil)
	case isupbody.ParamEventInformation:
		return isupbody.EventInformation(octet).AppendContents(nil)
	case isupbody.ParamSuspendResumeIndicators:
		return isupbody.SuspendResume(octet).AppendContents(nil)
	case isupbody.ParamContinuityIndicators:
		return isupbody.Continuity(octet).AppendContents(nil)
	case isupbody.ParamUserToUserIndicators:
		return isupbody.UserToUserIndicators(octet).AppendContents(nil)
	case isupbody.ParamHopCounter:
		return isupbody.HopCounter(octet).AppendContents(nil)
	case isupbody.ParamPropagationDelayCounter:
		return isupbody.PropagationDelay(r.UintN(1 << 16)).AppendContents(nil)
	case isupbody.ParamRedirectionInformation:
		return isupbody.RedirectionInformation{Indicator: octet & 7, OriginalReason: isupbody.RedirectionReason(r.UintN(16)),
			Counter: uint8(r.UintN(8)), Reason: isupbody.RedirectionReason(r.UintN(16)), Short: r.UintN(4) == 0}.AppendContents(nil)
	case isupbody.ParamInformationRequestIndicators, isupbody.ParamInformationIndicators:
		return randomOctets(r, 2)
	case isupbody.ParamFacilityIndicator:
		return []byte{octet}
	}
	return randomLongContents(tb, r, name, v)
}

// randomLongContents is randomContents for parameters of no fixed length.
func randomLongContents(tb testing.TB, r *rand.Rand, name isupbody.ParameterName, v isupbody.Variant) []byte {
	switch name {
	case isupbody.ParamCauseIndicators:
		return randomCause(r).AppendContents(nil)
	case isupbody.ParamUserServiceInformation, isupbody.ParamUserServiceInformationPrime:
		return randomUserService(r).AppendContents(nil)
	case isupbody.ParamUserToUserInformation:
		return isupbody.UserToUser{Protocol: byte(r.UintN(256)), Data: randomOctets(r, int(r.UintN(130)))}.AppendContents(nil)
	case isupbody.ParamAccessTransport:
		return randomAccessTransport(tb, r).AppendContents(nil)
	case isupbody.ParamGenericNotificationIndicator:
		var g isupbody.GenericNotification
		for range 1 + r.UintN(3) {
			g = g.Append(isupbody.Notification(r.UintN(128)))
		}
		return g.AppendContents(nil)
	case isupbody.ParamParameterCompatibilityInformation:
		return randomCompatibility(tb, r).AppendContents(nil)
	case isupbody.ParamTransitNetworkSelection:
		return isupbody.TransitNetwork{Type: uint8(r.UintN(8)), Plan: uint8(r.UintN(16)), Number: randomNumber(tb, r, false)}.AppendContents(nil)
	case isupbody.ParamApplicationTransport:
		return randomApplicationTransport(r).AppendContents(nil)
	}
	if !name.IsNumber() {
		return randomOctets(r, 1+int(r.UintN(12)))
	}
	n := randomNumber(tb, r, name == isupbody.ParamCalledPartyNumber)
	if r.UintN(20) == 0 {
		digits := make([]byte, 33+r.UintN(30))
		for i := range digits {
			digits[i] = "0123456789"[r.UintN(10)]
		}
		long := number(tb, string(digits))
		long.Nature, long.Plan, long.Presentation = n.Nature, n.Plan, n.Presentation
		n = long
	}
	n.Qualifier = isupbody.NumberQualifier(r.UintN(256))
	b, err := n.AppendContents(nil, name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func randomCause(r *rand.Rand) isupbody.Cause {
	c := isupbody.Cause{Location: isupbody.Location(r.UintN(16)), Value: uint8(r.UintN(128))}
	if r.UintN(3) == 0 {
		c.HasRecommendation, c.Recommendation = true, uint8(r.UintN(128))
	}
	if r.UintN(3) == 0 {
		c.Diagnostics = randomOctets(r, 1+int(r.UintN(6)))
	}
	return c
}

func randomUserService(r *rand.Rand) isupbody.UserService {
	u := isupbody.UserService{Capability: isupbody.TransferCapability([]byte{0, 8, 9, 16, 17, 24}[r.UintN(6)]), Rate: 16}
	if r.UintN(4) == 0 {
		u.Rate, u.Multiplier = 24, uint8(1+r.UintN(30))
	}
	for i := range u.Layers {
		if r.UintN(2) == 0 {
			u.Layers[i] = isupbody.LayerProtocol{Present: true, Protocol: []uint8{2, 3, 5}[r.UintN(3)]}
		}
	}
	return u
}

// randomAccessTransport picks well formed elements: what is in them is the matter
// of Q.931 and not compared.
func randomAccessTransport(tb testing.TB, r *rand.Rand) isupbody.AccessTransport {
	elements := []isupbody.InformationElement{
		{ID: 0x7D, Contents: []byte{0x91, 0x81}}, {ID: 0x7C, Contents: []byte{0x88, 0x90, 0xA3}},
		{ID: 0x1E, Contents: []byte{0x81, 0x88}}, {ID: 0x71, Contents: []byte{0x80, 0x50, 0x12, 0x34}},
		{ID: 0x6D, Contents: []byte{0x80, 0x50, 0x99}}, {ID: 0x28, Contents: []byte("caller")}, {ID: 0xA1}, {ID: 0x90},
	}
	var a isupbody.AccessTransport
	var err error
	for range 1 + r.UintN(4) {
		if a, err = a.Append(elements[r.UintN(uint(len(elements)))]); err != nil {
			tb.Fatal(err)
		}
	}
	return a
}

func randomCompatibility(tb testing.TB, r *rand.Rand) isupbody.ParameterCompatibility {
	var c isupbody.ParameterCompatibility
	var err error
	for range 1 + r.UintN(4) {
		i := isupbody.Instruction{0x80 | byte(r.UintN(128))}
		if r.UintN(3) == 0 {
			i = isupbody.Instruction{byte(r.UintN(128)), 0x80 | byte(r.UintN(4))}
		}
		if c, err = c.Append(isupbody.ParameterInstruction{Name: isupbody.ParameterName(r.UintN(256)), Instruction: i}); err != nil {
			tb.Fatal(err)
		}
	}
	return c
}

// exception: application-context-two-octets
func randomApplicationTransport(r *rand.Rand) isupbody.ApplicationTransport {
	a := isupbody.ApplicationTransport{
		Context:     uint16([]int{0, 1, 2, 3, 4, 6, 7}[r.UintN(7)]), // exception: bat ReleaseCall: r.UintN(2) == 0, SendNotification: r.UintN(2) == 0,
		NewSequence: r.UintN(2) == 0, Segments: uint8(r.UintN(10)), Information: randomOctets(r, int(r.UintN(20))),
	}
	if a.Context > 2 {
		a.Information = []byte{0, 0} // exception: application-addresses
	}
	if r.UintN(2) == 0 {
		a.HasReference, a.Reference = true, uint8(r.UintN(128))
	}
	return a
}
