package decode

import (
	"encoding/hex"

	"sipid/isupbody"
)

// addValues fills in what the getters give. What cannot be read is left out; the
// warnings say why.
func (j *jsonMessage) addValues(m *isupbody.Message) {
	j.addCall(m)
	j.addIndicators(m)
	j.addServices(m)
	j.addLists(m)
	j.Content = hex.EncodeToString(m.Content())
	if inner, warnings, ok := passedAlong(m); ok {
		j.PassedAlong = newJSONMessage(&inner, warnings)
	}
}

// addCall adds what most calls have.
func (j *jsonMessage) addCall(m *isupbody.Message) {
	if r, err := m.RedirectionInformation(); err == nil {
		j.RedirectionInformation = &jsonRedirection{Indicator: r.Indicator, OriginalReason: uint8(r.OriginalReason)}
		if !r.Short {
			j.RedirectionInformation.Counter, j.RedirectionInformation.Reason = ptr(r.Counter), ptr(uint8(r.Reason))
		}
	}
	if c, err := m.Cause(); err == nil {
		j.Cause = &jsonCause{Location: uint8(c.Location), Value: c.Value, Coding: c.Coding, Diagnostics: hex.EncodeToString(c.Diagnostics)}
		if c.HasRecommendation {
			j.Cause.Recommendation = ptr(c.Recommendation)
		}
	}
	if c, err := m.CallingPartyCategory(); err == nil {
		j.Category = ptr(uint8(c))
	}
	if t, err := m.TransmissionMedium(); err == nil {
		j.Medium = ptr(uint8(t))
	}
	if e, err := m.EventInformation(); err == nil {
		j.Event, j.EventRestricted = ptr(uint8(e.Event())), e.Restricted()
	}
	if h, err := m.HopCounter(); err == nil {
		j.Hop = ptr(uint8(h))
	}
}

// addIndicators adds the octets made of bits.
func (j *jsonMessage) addIndicators(m *isupbody.Message) {
	if n, err := m.NatureOfConnection(); err == nil {
		j.Nature = &jsonNature{n.Satellites(), n.ContinuityCheck(), n.EchoDevice()}
	}
	if f, err := m.ForwardCall(); err == nil {
		j.Forward = &jsonForward{
			f.International(), f.EndToEndMethod(), f.Interworking(), f.EndToEndInformation(), f.ISUPAllTheWay(),
			f.Preference(), f.ISDNAccess(), f.SCCPMethod(), f.PortedNumberTranslated(), f.QueryOnRelease(),
		}
	}
	if o, err := m.OptionalForwardCall(); err == nil {
		j.OptionalForward = &jsonOptionalForward{o.ClosedUserGroup(), o.Segmentation(), o.ConnectedLineRequested()}
	}
	if b, err := m.BackwardCall(); err == nil {
		j.Backward = &jsonBackward{
			b.Charge(), b.CalledStatus(), b.CalledCategory(), b.EndToEndMethod(), b.Interworking(), b.EndToEndInformation(),
			b.ISUPAllTheWay(), b.Holding(), b.ISDNAccess(), b.EchoDevice(), b.SCCPMethod(),
		}
	}
	if o, err := m.OptionalBackwardCall(); err == nil {
		j.OptionalBackward = &jsonOptionalBackward{o.InBand(), o.DiversionMayOccur(), o.Segmentation(), o.MLPPUser()}
	}
	if s, err := m.SuspendResume(); err == nil {
		j.SuspendedByNetwork = ptr(s.ByNetwork())
	}
	if c, err := m.Continuity(); err == nil {
		j.ContinuitySucceeded = ptr(c.Successful())
	}
	if u, err := m.UserToUserIndicators(); err == nil {
		j.UserIndicators = &jsonUserIndicators{u.Response(), u.Service(1), u.Service(2), u.Service(3), u.Discarded()}
	}
}

// addServices adds bearers, networks and what users send each other.
func (j *jsonMessage) addServices(m *isupbody.Message) {
	if u, err := m.UserToUser(); err == nil {
		j.UserToUser = &jsonUserToUser{u.Protocol, hex.EncodeToString(u.Data)}
	}
	if u, err := m.UserServiceInformation(); err == nil {
		j.UserService = newJSONUserService(u)
	}
	if u, err := m.UserServiceInformationPrime(); err == nil {
		j.UserServicePrime = newJSONUserService(u)
	}
	if d, err := m.PropagationDelay(); err == nil {
		j.PropagationDelay = ptr(uint16(d))
	}
	if n, err := m.TransitNetwork(); err == nil {
		j.TransitNetwork = &jsonNetwork{n.Type, n.Plan, n.Number.Digits()}
	}
}

// addLists adds what consists of several, and what there may be several of. Of a
// list that is cut the whole entries are shown.
func (j *jsonMessage) addLists(m *isupbody.Message) {
	access, _ := m.AccessTransport()
	for e := range access.Elements {
		j.AccessTransport = append(j.AccessTransport, jsonElement{e.ID, hex.EncodeToString(e.Contents)})
	}
	compatibility, _ := m.ParameterCompatibility()
	for i := range compatibility.Instructions {
		j.Compatibility = append(j.Compatibility, newJSONInstruction(m, i))
	}
	for p := range m.Parameters {
		switch p.Name {
		case isupbody.ParamGenericNotificationIndicator:
			g, _ := p.GenericNotification()
			for n := range g.Notifications {
				j.Notifications = append(j.Notifications, uint8(n))
			}
		case isupbody.ParamApplicationTransport:
			if a, err := p.ApplicationTransport(); err == nil {
				j.Transports = append(j.Transports, newJSONTransport(a))
			}
		}
	}
}
