package isupbody

import "strconv"

// String gives the name Q.763 uses, in snake case, and the code for one it does
// not know: "original_called_number", "unknown_254".
func (n ParameterName) String() string { return n.In(VariantITU) }

// In gives the name as the variant knows it: codes from 0xC0 up are national use
// and mean something else, or something at all, in ANSI T1.113.
func (n ParameterName) In(v Variant) string {
	if v == VariantANSI {
		if s := ansiNames[n]; s != "" {
			return s
		}
	}
	if s := parameterNames[n].name; s != "" {
		return s
	}
	return "unknown_" + strconv.Itoa(int(n))
}

// Clause gives the clause of Q.763 (12/1999) that describes the parameter, and
// nothing where that is not certain.
func (n ParameterName) Clause() string { return parameterNames[n].clause }

// parameterNames is read only.
var parameterNames = [256]struct{ name, clause string }{
	ParamEndOfOptionalParameters:             {"end_of_optional_parameters", "3.20"},
	ParamCallReference:                       {"call_reference", "3.8"},
	ParamTransmissionMediumRequirement:       {"transmission_medium_requirement", "3.54"},
	ParamAccessTransport:                     {"access_transport", "3.3"},
	ParamCalledPartyNumber:                   {"called_party_number", "3.9"},
	ParamSubsequentNumber:                    {"subsequent_number", "3.51"},
	ParamNatureOfConnectionIndicators:        {"nature_of_connection_indicators", "3.35"},
	ParamForwardCallIndicators:               {"forward_call_indicators", "3.23"},
	ParamOptionalForwardCallIndicators:       {"optional_forward_call_indicators", "3.38"},
	ParamCallingPartyCategory:                {"calling_partys_category", "3.11"},
	ParamCallingPartyNumber:                  {"calling_party_number", "3.10"},
	ParamRedirectingNumber:                   {"redirecting_number", "3.44"},
	ParamRedirectionNumber:                   {"redirection_number", "3.46"},
	ParamConnectionRequest:                   {"connection_request", "3.17"},
	ParamInformationRequestIndicators:        {"information_request_indicators", "3.28"},
	ParamInformationIndicators:               {"information_indicators", "3.27"},
	ParamContinuityIndicators:                {"continuity_indicators", "3.18"},
	ParamBackwardCallIndicators:              {"backward_call_indicators", "3.5"},
	ParamCauseIndicators:                     {"cause_indicators", "3.12"},
	ParamRedirectionInformation:              {"redirection_information", "3.45"},
	ParamCircuitGroupSupervisionMessageType:  {"circuit_group_supervision_message_type", "3.13"},
	ParamRangeAndStatus:                      {"range_and_status", "3.43"},
	ParamFacilityIndicator:                   {"facility_indicator", "3.22"},
	ParamClosedUserGroupInterlockCode:        {"closed_user_group_interlock_code", "3.15"},
	ParamUserServiceInformation:              {"user_service_information", "3.57"},
	ParamSignallingPointCode:                 {"signalling_point_code", "3.50"},
	ParamUserToUserInformation:               {"user_to_user_information", "3.61"},
	ParamConnectedNumber:                     {"connected_number", "3.16"},
	ParamSuspendResumeIndicators:             {"suspend_resume_indicators", "3.52"},
	ParamTransitNetworkSelection:             {"transit_network_selection", "3.53"},
	ParamEventInformation:                    {"event_information", "3.21"},
	ParamCircuitAssignmentMap:                {"circuit_assignment_map", ""},
	ParamCircuitStateIndicator:               {"circuit_state_indicator", "3.14"},
	ParamAutomaticCongestionLevel:            {"automatic_congestion_level", "3.4"},
	ParamOriginalCalledNumber:                {"original_called_number", "3.39"},
	ParamOptionalBackwardCallIndicators:      {"optional_backward_call_indicators", "3.37"},
	ParamUserToUserIndicators:                {"user_to_user_indicators", "3.60"},
	ParamOriginationISCPointCode:             {"origination_isc_point_code", "3.40"},
	ParamGenericNotificationIndicator:        {"generic_notification_indicator", "3.25"},
	ParamCallHistoryInformation:              {"call_history_information", "3.7"},
	ParamAccessDeliveryInformation:           {"access_delivery_information", "3.2"},
	ParamNetworkSpecificFacility:             {"network_specific_facility", "3.36"},
	ParamUserServiceInformationPrime:         {"user_service_information_prime", "3.58"},
	ParamPropagationDelayCounter:             {"propagation_delay_counter", "3.42"},
	ParamRemoteOperations:                    {"remote_operations", "3.48"},
	ParamServiceActivation:                   {"service_activation", "3.49"},
	ParamUserTeleserviceInformation:          {"user_teleservice_information", "3.59"},
	ParamTransmissionMediumUsed:              {"transmission_medium_used", "3.56"},
	ParamCallDiversionInformation:            {"call_diversion_information", "3.6"},
	ParamEchoControlInformation:              {"echo_control_information", "3.19"},
	ParamMessageCompatibilityInformation:     {"message_compatibility_information", "3.33"},
	ParamParameterCompatibilityInformation:   {"parameter_compatibility_information", "3.41"},
	ParamMLPPPrecedence:                      {"mlpp_precedence", "3.34"},
	ParamMCIDRequestIndicators:               {"mcid_request_indicators", "3.31"},
	ParamMCIDResponseIndicators:              {"mcid_response_indicators", "3.32"},
	ParamHopCounter:                          {"hop_counter", "3.80"},
	ParamTransmissionMediumRequirementPrime:  {"transmission_medium_requirement_prime", "3.55"},
	ParamLocationNumber:                      {"location_number", "3.30"},
	ParamRedirectionNumberRestriction:        {"redirection_number_restriction", "3.47"},
	ParamCallTransferReference:               {"call_transfer_reference", ""},
	ParamLoopPreventionIndicators:            {"loop_prevention_indicators", ""},
	ParamCallTransferNumber:                  {"call_transfer_number", ""},
	ParamCCSS:                                {"ccss", ""},
	ParamForwardGVNS:                         {"forward_gvns", ""},
	ParamBackwardGVNS:                        {"backward_gvns", ""},
	ParamRedirectCapability:                  {"redirect_capability", ""},
	ParamNetworkManagementControls:           {"network_management_controls", ""},
	ParamCorrelationID:                       {"correlation_id", ""},
	ParamSCFID:                               {"scf_id", ""},
	ParamCallDiversionTreatmentIndicators:    {"call_diversion_treatment_indicators", ""},
	ParamCalledINNumber:                      {"called_in_number", ""},
	ParamCallOfferingTreatmentIndicators:     {"call_offering_treatment_indicators", ""},
	ParamChargedPartyIdentification:          {"charged_party_identification", ""},
	ParamConferenceTreatmentIndicators:       {"conference_treatment_indicators", ""},
	ParamDisplayInformation:                  {"display_information", ""},
	ParamUIDActionIndicators:                 {"uid_action_indicators", ""},
	ParamUIDCapabilityIndicators:             {"uid_capability_indicators", ""},
	ParamRedirectCounter:                     {"redirect_counter", ""},
	ParamApplicationTransport:                {"application_transport", ""},
	ParamCollectCallRequest:                  {"collect_call_request", ""},
	ParamCCNRPossibleIndicator:               {"ccnr_possible_indicator", ""},
	ParamPivotCapability:                     {"pivot_capability", ""},
	ParamPivotRoutingIndicators:              {"pivot_routing_indicators", ""},
	ParamCalledDirectoryNumber:               {"called_directory_number", ""},
	ParamOriginalCalledINNumber:              {"original_called_in_number", ""},
	ParamCallingGeodeticLocation:             {"calling_geodetic_location", ""},
	ParamHTRInformation:                      {"htr_information", ""},
	ParamNetworkRoutingNumber:                {"network_routing_number", ""},
	ParamQueryOnReleaseCapability:            {"query_on_release_capability", ""},
	ParamPivotStatus:                         {"pivot_status", ""},
	ParamPivotCounter:                        {"pivot_counter", ""},
	ParamPivotRoutingForwardInformation:      {"pivot_routing_forward_information", ""},
	ParamPivotRoutingBackwardInformation:     {"pivot_routing_backward_information", ""},
	ParamRedirectStatus:                      {"redirect_status", ""},
	ParamRedirectForwardInformation:          {"redirect_forward_information", ""},
	ParamRedirectBackwardInformation:         {"redirect_backward_information", ""},
	ParamNumberPortabilityForwardInformation: {"number_portability_forward_information", ""},
	ParamForwardCATIndicators:                {"forward_cat_indicators", ""},
	ParamBackwardCATIndicators:               {"backward_cat_indicators", ""},
	ParamAutomaticReRouting:                  {"automatic_re_routing", ""},
	ParamIEPSCallInformation:                 {"ieps_call_information", ""},
	ParamVEDInformation:                      {"ved_information", ""},
	ParamGenericNumber:                       {"generic_number", "3.26"},
	ParamGenericDigits:                       {"generic_digits", "3.24"},
}

// ansiNames holds what differs from Q.763; it is read only.
var ansiNames = [256]string{
	ParamGenericNumber:                       "generic_address",
	ParamOperatorServicesInformation:         "operator_services_information",
	ParamEgressService:                       "egress_service",
	ParamJurisdictionInformation:             "jurisdiction_information",
	ParamCarrierIdentification:               "carrier_identification",
	ParamBusinessGroup:                       "business_group",
	ParamGenericName:                         "generic_name",
	ParamNotificationIndicator:               "notification_indicator",
	ParamLocalServiceProviderIdentification:  "local_service_provider_identification",
	ParamCircuitGroupCharacteristicIndicator: "circuit_group_characteristic_indicator",
	ParamCircuitValidationResponseIndicator:  "circuit_validation_response_indicator",
	ParamOutgoingTrunkGroupNumber:            "outgoing_trunk_group_number",
	ParamCircuitIdentificationName:           "circuit_identification_name",
	ParamCLLICode:                            "clli_code",
	ParamOriginatingLineInformation:          "originating_line_information",
	ParamChargeNumber:                        "charge_number",
	ParamServiceCodeIndicator:                "service_code_indicator",
	ParamSpecialProcessingRequest:            "special_processing_request",
	ParamCarrierSelectionInformation:         "carrier_selection_information",
	ParamNetworkTransport:                    "network_transport",
}
