package isupbody_test

import (
	"encoding/hex"
	"strconv"

	"sipid/isupbody"
)

// judgedField is a field of tshark and what we read for it from one parameter.
// Over all parameters of a message, in wire order, both lists have to be equal.
type judgedField struct {
	field string
	of    func(isupbody.Parameter) []string
}

// judgedFields are all fields of tshark's ISUP decoder that the parameters of
// sipiTypes have, but for digits one by one and the insides of Q.931 contents.
var judgedFields = append(append(indicatorFields, listFields...), numberFields...)

// num, flagged and octets are how values are compared: numbers in decimal, flags as
// 0 and 1, octets in hexadecimal.
func num[T ~uint8 | ~uint16 | ~int](v T) []string { return []string{strconv.Itoa(int(v))} }

func flagged(v bool) []string {
	if v {
		return []string{"1"}
	}
	return []string{"0"}
}

func octets(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return []string{hex.EncodeToString(b)}
}

// of makes a judge that looks at parameters of one name.
func of[T any](name isupbody.ParameterName, read func(isupbody.Parameter) (T, error), show func(T) []string) func(isupbody.Parameter) []string {
	return func(p isupbody.Parameter) []string {
		if p.Name != name {
			return nil
		}
		v, err := read(p)
		if err != nil {
			return []string{"error"}
		}
		return show(v)
	}
}

// either joins judges of a field that several parameters have.
func either(judges ...func(isupbody.Parameter) []string) func(isupbody.Parameter) []string {
	return func(p isupbody.Parameter) (all []string) {
		for _, j := range judges {
			all = append(all, j(p)...)
		}
		return all
	}
}

func nature(show func(isupbody.NatureOfConnection) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamNatureOfConnectionIndicators, isupbody.Parameter.NatureOfConnection, show)
}

func forward(show func(isupbody.ForwardCall) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamForwardCallIndicators, isupbody.Parameter.ForwardCall, show)
}

func backward(show func(isupbody.BackwardCall) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamBackwardCallIndicators, isupbody.Parameter.BackwardCall, show)
}

func optionalBackward(show func(isupbody.OptionalBackwardCall) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamOptionalBackwardCallIndicators, isupbody.Parameter.OptionalBackwardCall, show)
}

func optionalForward(show func(isupbody.OptionalForwardCall) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamOptionalForwardCallIndicators, isupbody.Parameter.OptionalForwardCall, show)
}

func userIndicators(show func(isupbody.UserToUserIndicators) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamUserToUserIndicators, isupbody.Parameter.UserToUserIndicators, show)
}

func event(show func(isupbody.EventInformation) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamEventInformation, isupbody.Parameter.EventInformation, show)
}

func redirection(show func(isupbody.RedirectionInformation) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamRedirectionInformation, isupbody.Parameter.RedirectionInformation, show)
}

func cause(show func(isupbody.Cause) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamCauseIndicators, isupbody.Parameter.Cause, show)
}

// service shows a service of user-to-user indicators, of a request or a response.
func service(n int, response bool) func(isupbody.Parameter) []string {
	return userIndicators(func(u isupbody.UserToUserIndicators) []string {
		if u.Response() != response {
			return nil
		}
		return num(u.Service(n))
	})
}

var indicatorFields = []judgedField{
	{"isup.satellite_indicator", nature(func(n isupbody.NatureOfConnection) []string { return num(n.Satellites()) })},
	{"isup.continuity_check_indicator", nature(func(n isupbody.NatureOfConnection) []string { return num(n.ContinuityCheck()) })},
	{"isup.echo_control_device_indicator", nature(func(n isupbody.NatureOfConnection) []string { return flagged(n.EchoDevice()) })},
	{"isup.forw_call_natnl_inatnl_call_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.International()) })},
	{"isup.forw_call_end_to_end_method_indicator", forward(func(f isupbody.ForwardCall) []string { return num(f.EndToEndMethod()) })},
	{"isup.forw_call_interworking_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.Interworking()) })},
	{"isup.forw_call_end_to_end_information_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.EndToEndInformation()) })},
	{"isup.forw_call_isdn_user_part_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.ISUPAllTheWay()) })},
	{"isup.forw_call_preferences_indicator", forward(func(f isupbody.ForwardCall) []string { return num(f.Preference()) })},
	{"isup.forw_call_isdn_access_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.ISDNAccess()) })},
	{"isup.forw_call_sccp_method_indicator", forward(func(f isupbody.ForwardCall) []string { return num(f.SCCPMethod()) })},
	{"isup.forw_call_ported_num_trans_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.PortedNumberTranslated()) })},
	{"isup.forw_call_qor_attempt_indicator", forward(func(f isupbody.ForwardCall) []string { return flagged(f.QueryOnRelease()) })},
	{"isup.calling_partys_category", of(isupbody.ParamCallingPartyCategory, isupbody.Parameter.CallingPartyCategory, num[isupbody.CallingPartyCategory])},
	{"isup.transmission_medium_requirement", of(isupbody.ParamTransmissionMediumRequirement, isupbody.Parameter.TransmissionMedium, num[isupbody.TransmissionMedium])},
	{"isup.charge_indicator", backward(func(b isupbody.BackwardCall) []string { return num(b.Charge()) })},
	{"isup.called_partys_status_indicator", backward(func(b isupbody.BackwardCall) []string { return num(b.CalledStatus()) })},
	{"isup.called_partys_category_indicator", backward(func(b isupbody.BackwardCall) []string { return num(b.CalledCategory()) })},
	{"isup.backw_call_end_to_end_method_indicator", backward(func(b isupbody.BackwardCall) []string { return num(b.EndToEndMethod()) })},
	{"isup.backw_call_interworking_indicator", backward(func(b isupbody.BackwardCall) []string { return flagged(b.Interworking()) })},
	{"isup.backw_call_isdn_user_part_indicator", backward(func(b isupbody.BackwardCall) []string { return flagged(b.ISUPAllTheWay()) })},
	{"isup.backw_call_holding_indicator", backward(func(b isupbody.BackwardCall) []string { return flagged(b.Holding()) })},
	{"isup.backw_call_isdn_access_indicator", backward(func(b isupbody.BackwardCall) []string { return flagged(b.ISDNAccess()) })},
	{"isup.backw_call_echo_control_device_indicator", backward(func(b isupbody.BackwardCall) []string { return flagged(b.EchoDevice()) })},
	{"isup.backw_call_sccp_method_indicator", backward(func(b isupbody.BackwardCall) []string { return num(b.SCCPMethod()) })},
	{"isup.inband_information_ind", optionalBackward(func(o isupbody.OptionalBackwardCall) []string { return flagged(o.InBand()) })},
	{"isup.call_diversion_may_occur_ind", optionalBackward(func(o isupbody.OptionalBackwardCall) []string { return flagged(o.DiversionMayOccur()) })},
	{"isup.mlpp_user", optionalBackward(func(o isupbody.OptionalBackwardCall) []string { return flagged(o.MLPPUser()) })},
	{"isup.simple_segmentation_ind", either(
		optionalBackward(func(o isupbody.OptionalBackwardCall) []string { return flagged(o.Segmentation()) }),
		optionalForward(func(o isupbody.OptionalForwardCall) []string { return flagged(o.Segmentation()) }))},
	{"isup.clg_call_ind", optionalForward(func(o isupbody.OptionalForwardCall) []string { return num(o.ClosedUserGroup()) })},
	{"isup.connected_line_identity_request_ind", optionalForward(func(o isupbody.OptionalForwardCall) []string { return flagged(o.ConnectedLineRequested()) })},
	{"isup.event_ind", event(func(e isupbody.EventInformation) []string { return num(e.Event()) })},
	{"isup.event_presentation_restr_ind", event(func(e isupbody.EventInformation) []string { return flagged(e.Restricted()) })},
	{"isup.suspend_resume_indicator", of(isupbody.ParamSuspendResumeIndicators, isupbody.Parameter.SuspendResume,
		func(s isupbody.SuspendResume) []string { return flagged(s.ByNetwork()) })},
	{"isup.continuity_indicator", of(isupbody.ParamContinuityIndicators, isupbody.Parameter.Continuity,
		func(c isupbody.Continuity) []string { return flagged(c.Successful()) })},
	{"isup.UUI_type", userIndicators(func(u isupbody.UserToUserIndicators) []string {
		return append(flagged(u.Response()), flagged(u.Response())...) // exception: type-twice
	})},
	{"isup.UUI_req_service1", service(1, false)}, {"isup.UUI_req_service2", service(2, false)}, {"isup.UUI_req_service3", service(3, false)},
	{"isup.UUI_res_service1", service(1, true)}, {"isup.UUI_res_service2", service(2, true)}, {"isup.UUI_res_service3", service(3, true)},
	{"isup.UUI_network_discard_ind", userIndicators(func(u isupbody.UserToUserIndicators) []string {
		if !u.Response() {
			return nil
		}
		return flagged(u.Discarded())
	})},
	{"isup.redirecting_ind", redirection(func(r isupbody.RedirectionInformation) []string { return num(r.Indicator) })},
	{"isup.original_redirection_reason", redirection(func(r isupbody.RedirectionInformation) []string { return num(r.OriginalReason) })},
	{"isup.redirection_counter", redirection(func(r isupbody.RedirectionInformation) []string {
		if r.Short {
			return nil
		}
		return num(r.Counter)
	})},
	{"isup.redirection_reason", redirection(func(r isupbody.RedirectionInformation) []string {
		if r.Short {
			return nil
		}
		return num(r.Reason)
	})},
	{"isup.hop_counter", of(isupbody.ParamHopCounter, isupbody.Parameter.HopCounter, num[isupbody.HopCounter])},
	{"isup.propagation_delay_counter", of(isupbody.ParamPropagationDelayCounter, isupbody.Parameter.PropagationDelay, num[isupbody.PropagationDelay])},
	{"isup.cause_indicator", cause(func(c isupbody.Cause) []string { return num(c.Value) })},
	{"q931.cause_location", cause(func(c isupbody.Cause) []string { return num(c.Location) })},
}
