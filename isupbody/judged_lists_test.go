package isupbody_test

import (
	"sipid/isupbody"
)

// contentsOf shows the octets of parameters of that name.
func contentsOf(names ...isupbody.ParameterName) func(isupbody.Parameter) []string {
	return func(p isupbody.Parameter) []string {
		for _, name := range names {
			if p.Name == name {
				return octets(p.Contents)
			}
		}
		return nil
	}
}

func transport(show func(isupbody.ApplicationTransport) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamApplicationTransport, isupbody.Parameter.ApplicationTransport, show)
}

func network(show func(isupbody.TransitNetwork) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamTransitNetworkSelection, isupbody.Parameter.TransitNetwork, show)
}

// instructions shows one indicator of every parameter that compatibility
// information is about.
func instructions(show func(isupbody.ParameterInstruction) []string) func(isupbody.Parameter) []string {
	return of(isupbody.ParamParameterCompatibilityInformation, isupbody.Parameter.ParameterCompatibility,
		func(c isupbody.ParameterCompatibility) (all []string) {
			for i := range c.Instructions {
				all = append(all, show(i)...)
			}
			return all
		})
}

var listFields = []judgedField{
	{"isup.upgraded_parameter", instructions(func(i isupbody.ParameterInstruction) []string { return num(i.Name) })},
	{"isup.transit_at_intermediate_exchange_ind", instructions(func(i isupbody.ParameterInstruction) []string { return flagged(i.Instruction.EndNode()) })},
	{"isup.Release_call_ind", instructions(func(i isupbody.ParameterInstruction) []string { return flagged(i.Instruction.ReleaseCall()) })},
	{"isup.Send_notification_ind", instructions(func(i isupbody.ParameterInstruction) []string { return flagged(i.Instruction.SendNotification()) })},
	{"isup.Discard_message_ind_value", instructions(func(i isupbody.ParameterInstruction) []string { return flagged(i.Instruction.DiscardMessage()) })},
	{"isup.Discard_parameter_ind", instructions(func(i isupbody.ParameterInstruction) []string { return flagged(i.Instruction.DiscardParameter()) })},
	{"isup.Pass_on_not_possible_ind", instructions(func(i isupbody.ParameterInstruction) []string { return num(i.Instruction.PassOnNotPossible()) })},
	{"isup.broadband_narrowband_interworking_ind", instructions(func(i isupbody.ParameterInstruction) []string {
		b, ok := i.Instruction.Broadband()
		if !ok {
			return nil
		}
		return num(b)
	})},
	{"isup.app_context_identifier", transport(func(a isupbody.ApplicationTransport) []string { return num(a.Context) })},
	{"isup.app_Release_call_indicator", transport(func(a isupbody.ApplicationTransport) []string { return flagged(a.ReleaseCall) })},
	{"isup.app_Send_notification_ind", transport(func(a isupbody.ApplicationTransport) []string { return flagged(a.SendNotification) })},
	{"isup.APM_Sequence_ind", transport(func(a isupbody.ApplicationTransport) []string { return flagged(a.NewSequence) })},
	{"isup.apm_segmentation_ind", transport(func(a isupbody.ApplicationTransport) []string { return num(a.Segments) })},
	{"isup.APM_slr", transport(func(a isupbody.ApplicationTransport) []string {
		if !a.HasReference {
			return nil
		}
		return num(a.Reference)
	})},
	{"isup.apm_user_info_field", transport(func(a isupbody.ApplicationTransport) []string {
		if a.Context > 3 {
			return nil // exception: application-addresses
		}
		return octets(a.Information)
	})},
	{"isup.type_of_network_identification", network(func(n isupbody.TransitNetwork) []string { return num(n.Type) })},
	{"isup.network_identification_plan", network(func(n isupbody.TransitNetwork) []string { return num(n.Plan) })},
	{"isup.transit_network_selection", network(func(n isupbody.TransitNetwork) []string { return []string{shownDigits(n.Number)} })},
	{"isup.notification_indicator", of(isupbody.ParamGenericNotificationIndicator, isupbody.Parameter.GenericNotification,
		func(g isupbody.GenericNotification) []string {
			for n := range g.Notifications {
				return num(n) // exception: first-notification
			}
			return nil
		})},
	{"isup.cause_indicators", contentsOf(isupbody.ParamCauseIndicators)},
	{"isup.user_service_information", contentsOf(isupbody.ParamUserServiceInformation)},
	{"isup.user_service_information_prime", contentsOf(isupbody.ParamUserServiceInformationPrime)},
	{"isup.user_to_user_info", contentsOf(isupbody.ParamUserToUserInformation)},
	{"isup.access_transport_parameter_field", contentsOf(isupbody.ParamAccessTransport)},
	{"isup.network_specific_facility", contentsOf(isupbody.ParamNetworkSpecificFacility)},
	{"isup.forward_gvns", contentsOf(isupbody.ParamForwardGVNS)},
	{"isup.correlation_id", contentsOf(isupbody.ParamCorrelationID)},
	{"isup.display_information", contentsOf(isupbody.ParamDisplayInformation)},
	{"isup.charged_party_identification", contentsOf(isupbody.ParamChargedPartyIdentification)},
	// exception: original-called-in-number
	{"isup.parameter_value", contentsOf(0xFD, 0xFE, isupbody.ParamOriginalCalledINNumber)},
}

// digitsOf shows the digits of a number parameter.
func digitsOf(name isupbody.ParameterName) func(isupbody.Parameter) []string {
	return of(name, isupbody.Parameter.Number, func(n isupbody.Number) []string { return []string{shownDigits(n)} })
}

// maxTsharkDigits is where tshark cuts numbers.
const maxTsharkDigits = 32

// shownDigits gives digits as tshark shows them.
func shownDigits(n isupbody.Number) string {
	digits := withST(n)
	if len(digits) > maxTsharkDigits {
		digits = digits[:maxTsharkDigits] // exception: too-many-digits
	}
	return digits
}

// fields shows one field of all number parameters that have it and that tshark
// knows.
func fields(show func(isupbody.Number) []string, names ...isupbody.ParameterName) func(isupbody.Parameter) []string {
	return func(p isupbody.Parameter) (all []string) {
		for _, name := range names {
			all = append(all, of(name, isupbody.Parameter.Number, show)(p)...)
		}
		return all
	}
}

var numberFields = []judgedField{
	{"isup.called", digitsOf(isupbody.ParamCalledPartyNumber)},
	{"isup.calling", digitsOf(isupbody.ParamCallingPartyNumber)},
	{"isup.redirecting", digitsOf(isupbody.ParamRedirectingNumber)},
	{"isup.redirection_number", digitsOf(isupbody.ParamRedirectionNumber)},
	{"isup.connected_number", digitsOf(isupbody.ParamConnectedNumber)},
	{"isup.original_called_number", digitsOf(isupbody.ParamOriginalCalledNumber)},
	{"isup.location_number", digitsOf(isupbody.ParamLocationNumber)},
	{"isup.call_transfer_number", digitsOf(isupbody.ParamCallTransferNumber)},
	{"isup.called_in_number", digitsOf(isupbody.ParamCalledINNumber)},
	{"isup.generic_number", digitsOf(isupbody.ParamGenericNumber)},
	{"isup.subsequent_number", digitsOf(isupbody.ParamSubsequentNumber)},
	{"isup.number_qualifier_indicator", fields(func(n isupbody.Number) []string { return num(n.Qualifier) }, isupbody.ParamGenericNumber)},
	{"isup.called_party_nature_of_address_indicator", fields(func(n isupbody.Number) []string { return num(n.Nature) },
		isupbody.ParamCalledPartyNumber, isupbody.ParamRedirectionNumber)},
	{"isup.calling_party_nature_of_address_indicator", fields(func(n isupbody.Number) []string { return num(n.Nature) },
		isupbody.ParamCallingPartyNumber, isupbody.ParamRedirectingNumber, isupbody.ParamConnectedNumber, isupbody.ParamOriginalCalledNumber,
		isupbody.ParamLocationNumber, isupbody.ParamCallTransferNumber, isupbody.ParamCalledINNumber, isupbody.ParamGenericNumber)},
	{"isup.numbering_plan_indicator", fields(func(n isupbody.Number) []string { return num(n.Plan) },
		isupbody.ParamCalledPartyNumber, isupbody.ParamCallingPartyNumber, isupbody.ParamRedirectingNumber, isupbody.ParamRedirectionNumber,
		isupbody.ParamConnectedNumber, isupbody.ParamOriginalCalledNumber, isupbody.ParamLocationNumber, isupbody.ParamCallTransferNumber,
		isupbody.ParamCalledINNumber, isupbody.ParamGenericNumber)},
	{"isup.inn_indicator", fields(func(n isupbody.Number) []string { return flagged(n.INN) },
		isupbody.ParamCalledPartyNumber, isupbody.ParamRedirectionNumber, isupbody.ParamLocationNumber)},
	{"isup.ni_indicator", fields(func(n isupbody.Number) []string { return flagged(n.Incomplete) },
		isupbody.ParamCallingPartyNumber, isupbody.ParamGenericNumber)},
	{"isup.address_presentation_restricted_indicator", fields(func(n isupbody.Number) []string { return num(n.Presentation) },
		isupbody.ParamCallingPartyNumber, isupbody.ParamRedirectingNumber, isupbody.ParamConnectedNumber, isupbody.ParamOriginalCalledNumber,
		isupbody.ParamLocationNumber, isupbody.ParamCallTransferNumber, isupbody.ParamCalledINNumber, isupbody.ParamGenericNumber)},
	{"isup.screening_indicator", fields(func(n isupbody.Number) []string { return num(n.Screening) },
		isupbody.ParamCallingPartyNumber, isupbody.ParamConnectedNumber, isupbody.ParamLocationNumber)},
	{"isup.screening_indicator_enhanced", fields(func(n isupbody.Number) []string { return num(n.Screening) },
		isupbody.ParamCallTransferNumber, isupbody.ParamGenericNumber)},
}
