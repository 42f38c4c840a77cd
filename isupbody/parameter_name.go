package isupbody

// ParameterName is a parameter's code, Q.763 clause 3.1 table 5. Fixed and
// variable parameters have one too, though only optional ones send it.
type ParameterName uint8

// The parameters of Q.763, with the clause of the 12/1999 edition where it is
// known. The ones from 0x40 up came with later recommendations and national use.
const (
	ParamEndOfOptionalParameters             ParameterName = 0x00 // clause 3.20
	ParamCallReference                       ParameterName = 0x01 // clause 3.8
	ParamTransmissionMediumRequirement       ParameterName = 0x02 // clause 3.54
	ParamAccessTransport                     ParameterName = 0x03 // clause 3.3
	ParamCalledPartyNumber                   ParameterName = 0x04 // clause 3.9
	ParamSubsequentNumber                    ParameterName = 0x05 // clause 3.51
	ParamNatureOfConnectionIndicators        ParameterName = 0x06 // clause 3.35
	ParamForwardCallIndicators               ParameterName = 0x07 // clause 3.23
	ParamOptionalForwardCallIndicators       ParameterName = 0x08 // clause 3.38
	ParamCallingPartyCategory                ParameterName = 0x09 // clause 3.11
	ParamCallingPartyNumber                  ParameterName = 0x0A // clause 3.10
	ParamRedirectingNumber                   ParameterName = 0x0B // clause 3.44
	ParamRedirectionNumber                   ParameterName = 0x0C // clause 3.46
	ParamConnectionRequest                   ParameterName = 0x0D // clause 3.17
	ParamInformationRequestIndicators        ParameterName = 0x0E // clause 3.28
	ParamInformationIndicators               ParameterName = 0x0F // clause 3.27
	ParamContinuityIndicators                ParameterName = 0x10 // clause 3.18
	ParamBackwardCallIndicators              ParameterName = 0x11 // clause 3.5
	ParamCauseIndicators                     ParameterName = 0x12 // clause 3.12
	ParamRedirectionInformation              ParameterName = 0x13 // clause 3.45
	ParamCircuitGroupSupervisionMessageType  ParameterName = 0x15 // clause 3.13
	ParamRangeAndStatus                      ParameterName = 0x16 // clause 3.43
	ParamFacilityIndicator                   ParameterName = 0x18 // clause 3.22
	ParamClosedUserGroupInterlockCode        ParameterName = 0x1A // clause 3.15
	ParamUserServiceInformation              ParameterName = 0x1D // clause 3.57
	ParamSignallingPointCode                 ParameterName = 0x1E // clause 3.50
	ParamUserToUserInformation               ParameterName = 0x20 // clause 3.61
	ParamConnectedNumber                     ParameterName = 0x21 // clause 3.16
	ParamSuspendResumeIndicators             ParameterName = 0x22 // clause 3.52
	ParamTransitNetworkSelection             ParameterName = 0x23 // clause 3.53
	ParamEventInformation                    ParameterName = 0x24 // clause 3.21
	ParamCircuitAssignmentMap                ParameterName = 0x25
	ParamCircuitStateIndicator               ParameterName = 0x26 // clause 3.14
	ParamAutomaticCongestionLevel            ParameterName = 0x27 // clause 3.4
	ParamOriginalCalledNumber                ParameterName = 0x28 // clause 3.39
	ParamOptionalBackwardCallIndicators      ParameterName = 0x29 // clause 3.37
	ParamUserToUserIndicators                ParameterName = 0x2A // clause 3.60
	ParamOriginationISCPointCode             ParameterName = 0x2B // clause 3.40
	ParamGenericNotificationIndicator        ParameterName = 0x2C // clause 3.25
	ParamCallHistoryInformation              ParameterName = 0x2D // clause 3.7
	ParamAccessDeliveryInformation           ParameterName = 0x2E // clause 3.2
	ParamNetworkSpecificFacility             ParameterName = 0x2F // clause 3.36
	ParamUserServiceInformationPrime         ParameterName = 0x30 // clause 3.58
	ParamPropagationDelayCounter             ParameterName = 0x31 // clause 3.42
	ParamRemoteOperations                    ParameterName = 0x32 // clause 3.48
	ParamServiceActivation                   ParameterName = 0x33 // clause 3.49
	ParamUserTeleserviceInformation          ParameterName = 0x34 // clause 3.59
	ParamTransmissionMediumUsed              ParameterName = 0x35 // clause 3.56
	ParamCallDiversionInformation            ParameterName = 0x36 // clause 3.6
	ParamEchoControlInformation              ParameterName = 0x37 // clause 3.19
	ParamMessageCompatibilityInformation     ParameterName = 0x38 // clause 3.33
	ParamParameterCompatibilityInformation   ParameterName = 0x39 // clause 3.41
	ParamMLPPPrecedence                      ParameterName = 0x3A // clause 3.34
	ParamMCIDRequestIndicators               ParameterName = 0x3B // clause 3.31
	ParamMCIDResponseIndicators              ParameterName = 0x3C // clause 3.32
	ParamHopCounter                          ParameterName = 0x3D // clause 3.80
	ParamTransmissionMediumRequirementPrime  ParameterName = 0x3E // clause 3.55
	ParamLocationNumber                      ParameterName = 0x3F // clause 3.30
	ParamRedirectionNumberRestriction        ParameterName = 0x40 // clause 3.47
	ParamCallTransferReference               ParameterName = 0x43
	ParamLoopPreventionIndicators            ParameterName = 0x44
	ParamCallTransferNumber                  ParameterName = 0x45
	ParamCCSS                                ParameterName = 0x4B
	ParamForwardGVNS                         ParameterName = 0x4C
	ParamBackwardGVNS                        ParameterName = 0x4D
	ParamRedirectCapability                  ParameterName = 0x4E
	ParamNetworkManagementControls           ParameterName = 0x5B
	ParamCorrelationID                       ParameterName = 0x65
	ParamSCFID                               ParameterName = 0x66
	ParamCallDiversionTreatmentIndicators    ParameterName = 0x6E
	ParamCalledINNumber                      ParameterName = 0x6F
	ParamCallOfferingTreatmentIndicators     ParameterName = 0x70
	ParamChargedPartyIdentification          ParameterName = 0x71
	ParamConferenceTreatmentIndicators       ParameterName = 0x72
	ParamDisplayInformation                  ParameterName = 0x73
	ParamUIDActionIndicators                 ParameterName = 0x74
	ParamUIDCapabilityIndicators             ParameterName = 0x75
	ParamRedirectCounter                     ParameterName = 0x77
	ParamApplicationTransport                ParameterName = 0x78
	ParamCollectCallRequest                  ParameterName = 0x79
	ParamCCNRPossibleIndicator               ParameterName = 0x7A
	ParamPivotCapability                     ParameterName = 0x7B
	ParamPivotRoutingIndicators              ParameterName = 0x7C
	ParamCalledDirectoryNumber               ParameterName = 0x7D
	ParamOriginalCalledINNumber              ParameterName = 0x7F
	ParamCallingGeodeticLocation             ParameterName = 0x81
	ParamHTRInformation                      ParameterName = 0x82
	ParamNetworkRoutingNumber                ParameterName = 0x84
	ParamQueryOnReleaseCapability            ParameterName = 0x85
	ParamPivotStatus                         ParameterName = 0x86
	ParamPivotCounter                        ParameterName = 0x87
	ParamPivotRoutingForwardInformation      ParameterName = 0x88
	ParamPivotRoutingBackwardInformation     ParameterName = 0x89
	ParamRedirectStatus                      ParameterName = 0x8A
	ParamRedirectForwardInformation          ParameterName = 0x8B
	ParamRedirectBackwardInformation         ParameterName = 0x8C
	ParamNumberPortabilityForwardInformation ParameterName = 0x8D
	ParamForwardCATIndicators                ParameterName = 0x8E
	ParamBackwardCATIndicators               ParameterName = 0x8F
	ParamAutomaticReRouting                  ParameterName = 0x96
	ParamIEPSCallInformation                 ParameterName = 0xA6
	ParamVEDInformation                      ParameterName = 0xA8
	ParamGenericNumber                       ParameterName = 0xC0 // clause 3.26
	ParamGenericDigits                       ParameterName = 0xC1 // clause 3.24
)

// Parameters of ANSI T1.113 that a SIP-I trunk may carry. Code 0xC0 is the
// generic number there as well, under the name generic address.
const (
	ParamOperatorServicesInformation         ParameterName = 0xC2
	ParamEgressService                       ParameterName = 0xC3
	ParamJurisdictionInformation             ParameterName = 0xC4
	ParamCarrierIdentification               ParameterName = 0xC5
	ParamBusinessGroup                       ParameterName = 0xC6
	ParamGenericName                         ParameterName = 0xC7
	ParamNotificationIndicator               ParameterName = 0xE1
	ParamLocalServiceProviderIdentification  ParameterName = 0xE4
	ParamCircuitGroupCharacteristicIndicator ParameterName = 0xE5
	ParamCircuitValidationResponseIndicator  ParameterName = 0xE6
	ParamOutgoingTrunkGroupNumber            ParameterName = 0xE7
	ParamCircuitIdentificationName           ParameterName = 0xE8
	ParamCLLICode                            ParameterName = 0xE9
	ParamOriginatingLineInformation          ParameterName = 0xEA
	ParamChargeNumber                        ParameterName = 0xEB
	ParamServiceCodeIndicator                ParameterName = 0xEC
	ParamSpecialProcessingRequest            ParameterName = 0xED
	ParamCarrierSelectionInformation         ParameterName = 0xEE
	ParamNetworkTransport                    ParameterName = 0xEF
)
