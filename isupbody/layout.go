package isupbody

// layout is the skeleton of a message type, Q.763 clause 4.
type layout struct {
	abbreviation, title string
	fixed               []fixedParameter
	variable            []ParameterName // at most two
	optional            bool            // the pointer to the optional part is there, even when it is 0
	opaque              bool            // what follows the type has no format of its own in Q.763
}

type fixedParameter struct {
	name   ParameterName
	length int
}

// layouts is read only. The pass-along message carries another message, the
// charge information message is a national matter.
var layouts = [256]layout{
	MessageIAM:  {abbreviation: "IAM", title: "initial address", fixed: []fixedParameter{{ParamNatureOfConnectionIndicators, 1}, {ParamForwardCallIndicators, 2}, {ParamCallingPartyCategory, 1}, {ParamTransmissionMediumRequirement, 1}}, variable: []ParameterName{ParamCalledPartyNumber}, optional: true},
	MessageSAM:  {abbreviation: "SAM", title: "subsequent address", variable: []ParameterName{ParamSubsequentNumber}, optional: true},
	MessageINR:  {abbreviation: "INR", title: "information request", fixed: []fixedParameter{{ParamInformationRequestIndicators, 2}}, optional: true},
	MessageINF:  {abbreviation: "INF", title: "information", fixed: []fixedParameter{{ParamInformationIndicators, 2}}, optional: true},
	MessageCOT:  {abbreviation: "COT", title: "continuity", fixed: []fixedParameter{{ParamContinuityIndicators, 1}}},
	MessageACM:  {abbreviation: "ACM", title: "address complete", fixed: []fixedParameter{{ParamBackwardCallIndicators, 2}}, optional: true},
	MessageCON:  {abbreviation: "CON", title: "connect", fixed: []fixedParameter{{ParamBackwardCallIndicators, 2}}, optional: true},
	MessageFOT:  {abbreviation: "FOT", title: "forward transfer", optional: true},
	MessageANM:  {abbreviation: "ANM", title: "answer", optional: true},
	MessageREL:  {abbreviation: "REL", title: "release", variable: []ParameterName{ParamCauseIndicators}, optional: true},
	MessageSUS:  {abbreviation: "SUS", title: "suspend", fixed: []fixedParameter{{ParamSuspendResumeIndicators, 1}}, optional: true},
	MessageRES:  {abbreviation: "RES", title: "resume", fixed: []fixedParameter{{ParamSuspendResumeIndicators, 1}}, optional: true},
	MessageRLC:  {abbreviation: "RLC", title: "release complete", optional: true},
	MessageCCR:  {abbreviation: "CCR", title: "continuity check request"},
	MessageRSC:  {abbreviation: "RSC", title: "reset circuit"},
	MessageBLO:  {abbreviation: "BLO", title: "blocking"},
	MessageUBL:  {abbreviation: "UBL", title: "unblocking"},
	MessageBLA:  {abbreviation: "BLA", title: "blocking acknowledgement"},
	MessageUBA:  {abbreviation: "UBA", title: "unblocking acknowledgement"},
	MessageGRS:  {abbreviation: "GRS", title: "circuit group reset", variable: []ParameterName{ParamRangeAndStatus}},
	MessageCGB:  {abbreviation: "CGB", title: "circuit group blocking", fixed: []fixedParameter{{ParamCircuitGroupSupervisionMessageType, 1}}, variable: []ParameterName{ParamRangeAndStatus}},
	MessageCGU:  {abbreviation: "CGU", title: "circuit group unblocking", fixed: []fixedParameter{{ParamCircuitGroupSupervisionMessageType, 1}}, variable: []ParameterName{ParamRangeAndStatus}},
	MessageCGBA: {abbreviation: "CGBA", title: "circuit group blocking acknowledgement", fixed: []fixedParameter{{ParamCircuitGroupSupervisionMessageType, 1}}, variable: []ParameterName{ParamRangeAndStatus}},
	MessageCGUA: {abbreviation: "CGUA", title: "circuit group unblocking acknowledgement", fixed: []fixedParameter{{ParamCircuitGroupSupervisionMessageType, 1}}, variable: []ParameterName{ParamRangeAndStatus}},
	MessageFAR:  {abbreviation: "FAR", title: "facility request", fixed: []fixedParameter{{ParamFacilityIndicator, 1}}, optional: true},
	MessageFAA:  {abbreviation: "FAA", title: "facility accepted", fixed: []fixedParameter{{ParamFacilityIndicator, 1}}, optional: true},
	MessageFRJ:  {abbreviation: "FRJ", title: "facility reject", fixed: []fixedParameter{{ParamFacilityIndicator, 1}}, variable: []ParameterName{ParamCauseIndicators}, optional: true},
	MessageLPA:  {abbreviation: "LPA", title: "loop back acknowledgement"},
	MessagePAM:  {abbreviation: "PAM", title: "pass-along", opaque: true},
	MessageGRA:  {abbreviation: "GRA", title: "circuit group reset acknowledgement", variable: []ParameterName{ParamRangeAndStatus}},
	MessageCQM:  {abbreviation: "CQM", title: "circuit group query", variable: []ParameterName{ParamRangeAndStatus}},
	MessageCQR:  {abbreviation: "CQR", title: "circuit group query response", variable: []ParameterName{ParamRangeAndStatus, ParamCircuitStateIndicator}},
	MessageCPG:  {abbreviation: "CPG", title: "call progress", fixed: []fixedParameter{{ParamEventInformation, 1}}, optional: true},
	MessageUSR:  {abbreviation: "USR", title: "user-to-user information", variable: []ParameterName{ParamUserToUserInformation}, optional: true},
	MessageUCIC: {abbreviation: "UCIC", title: "unequipped circuit identification code"},
	MessageCFN:  {abbreviation: "CFN", title: "confusion", variable: []ParameterName{ParamCauseIndicators}, optional: true},
	MessageOLM:  {abbreviation: "OLM", title: "overload"},
	MessageCRG:  {abbreviation: "CRG", title: "charge information", opaque: true},
	MessageNRM:  {abbreviation: "NRM", title: "network resource management", optional: true},
	MessageFAC:  {abbreviation: "FAC", title: "facility", optional: true},
	MessageUPT:  {abbreviation: "UPT", title: "user part test", optional: true},
	MessageUPA:  {abbreviation: "UPA", title: "user part available", optional: true},
	MessageIDR:  {abbreviation: "IDR", title: "identification request", optional: true},
	MessageIRS:  {abbreviation: "IRS", title: "identification response", optional: true},
	MessageSGM:  {abbreviation: "SGM", title: "segmentation", optional: true},
	MessageLOP:  {abbreviation: "LOP", title: "loop prevention", optional: true},
	MessageAPM:  {abbreviation: "APM", title: "application transport", optional: true},
	MessagePRI:  {abbreviation: "PRI", title: "pre-release information", optional: true},
	MessageSDN:  {abbreviation: "SDN", title: "subsequent directory number", optional: true},
}

// ansiIAM is the IAM of ANSI T1.113: no transmission medium requirement, the user
// service information in the variable part. The pointers to the called number
// and to the optional part stand in octets 6 and 7 in both variants.
var ansiIAM = layout{
	abbreviation: "IAM",
	title:        "initial address",
	fixed:        []fixedParameter{{ParamNatureOfConnectionIndicators, 1}, {ParamForwardCallIndicators, 2}, {ParamCallingPartyCategory, 1}},
	variable:     []ParameterName{ParamUserServiceInformation, ParamCalledPartyNumber},
	optional:     true,
}
