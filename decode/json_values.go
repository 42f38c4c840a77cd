package decode

import (
	"encoding/hex"

	"sipid/isupbody"
)

// jsonValues are the parameters that are no numbers, with all their subfields.
// Those that a message may have several of are arrays; of the others the first
// counts, as it does for a call.
type jsonValues struct {
	Nature              *jsonNature           `json:"nature_of_connection_indicators,omitempty"`
	Forward             *jsonForward          `json:"forward_call_indicators,omitempty"`
	OptionalForward     *jsonOptionalForward  `json:"optional_forward_call_indicators,omitempty"`
	Backward            *jsonBackward         `json:"backward_call_indicators,omitempty"`
	OptionalBackward    *jsonOptionalBackward `json:"optional_backward_call_indicators,omitempty"`
	EventRestricted     bool                  `json:"event_restricted,omitempty"`
	SuspendedByNetwork  *bool                 `json:"suspended_by_network,omitempty"`
	ContinuitySucceeded *bool                 `json:"continuity_successful,omitempty"`
	UserService         *jsonUserService      `json:"user_service_information,omitempty"`
	UserServicePrime    *jsonUserService      `json:"user_service_information_prime,omitempty"`
	UserIndicators      *jsonUserIndicators   `json:"user_to_user_indicators,omitempty"`
	AccessTransport     []jsonElement         `json:"access_transport,omitempty"`
	Notifications       []uint8               `json:"generic_notifications,omitempty"`
	Compatibility       []jsonInstruction     `json:"parameter_compatibility_information,omitempty"`
	PropagationDelay    *uint16               `json:"propagation_delay_counter,omitempty"`
	TransitNetwork      *jsonNetwork          `json:"transit_network_selection,omitempty"`
	Transports          []jsonTransport       `json:"application_transports,omitempty"`
	Content             string                `json:"content,omitempty"`
	PassedAlong         *jsonMessage          `json:"passed_along,omitempty"`
}

type jsonNature struct {
	Satellites      int  `json:"satellites"`
	ContinuityCheck int  `json:"continuity_check"`
	EchoDevice      bool `json:"echo_device"`
}

type jsonForward struct {
	International          bool `json:"international"`
	EndToEndMethod         int  `json:"end_to_end_method"`
	Interworking           bool `json:"interworking"`
	EndToEndInformation    bool `json:"end_to_end_information"`
	ISUPAllTheWay          bool `json:"isup_all_the_way"`
	Preference             int  `json:"preference"`
	ISDNAccess             bool `json:"isdn_access"`
	SCCPMethod             int  `json:"sccp_method"`
	PortedNumberTranslated bool `json:"ported_number_translated"`
	QueryOnRelease         bool `json:"query_on_release"`
}

type jsonOptionalForward struct {
	ClosedUserGroup        int  `json:"closed_user_group"`
	Segmentation           bool `json:"segmentation"`
	ConnectedLineRequested bool `json:"connected_line_requested"`
}

type jsonBackward struct {
	Charge              int  `json:"charge"`
	CalledStatus        int  `json:"called_status"`
	CalledCategory      int  `json:"called_category"`
	EndToEndMethod      int  `json:"end_to_end_method"`
	Interworking        bool `json:"interworking"`
	EndToEndInformation bool `json:"end_to_end_information"`
	ISUPAllTheWay       bool `json:"isup_all_the_way"`
	Holding             bool `json:"holding"`
	ISDNAccess          bool `json:"isdn_access"`
	EchoDevice          bool `json:"echo_device"`
	SCCPMethod          int  `json:"sccp_method"`
}

type jsonOptionalBackward struct {
	InBand            bool `json:"in_band"`
	DiversionMayOccur bool `json:"diversion_may_occur"`
	Segmentation      bool `json:"segmentation"`
	MLPPUser          bool `json:"mlpp_user"`
}

type jsonUserService struct {
	Coding     uint8       `json:"coding"`
	Capability uint8       `json:"capability"`
	Mode       uint8       `json:"mode"`
	Rate       uint8       `json:"rate"`
	Multiplier uint8       `json:"multiplier,omitempty"`
	Layers     []jsonLayer `json:"layers,omitempty"`
	Rest       string      `json:"rest,omitempty"`
}

type jsonLayer struct {
	Layer    int    `json:"layer"`
	Protocol uint8  `json:"protocol"`
	Details  string `json:"details,omitempty"`
}

type jsonUserIndicators struct {
	Response  bool `json:"response"`
	Service1  int  `json:"service_1"`
	Service2  int  `json:"service_2"`
	Service3  int  `json:"service_3"`
	Discarded bool `json:"discarded"`
}

type jsonElement struct {
	ID       uint8  `json:"id"`
	Contents string `json:"contents,omitempty"`
}

type jsonInstruction struct {
	Name              string `json:"name"`
	Code              uint8  `json:"code"`
	EndNode           bool   `json:"end_node"`
	ReleaseCall       bool   `json:"release_call"`
	SendNotification  bool   `json:"send_notification"`
	DiscardMessage    bool   `json:"discard_message"`
	DiscardParameter  bool   `json:"discard_parameter"`
	PassOnNotPossible int    `json:"pass_on_not_possible"`
	Broadband         *int   `json:"broadband,omitempty"`
}

type jsonNetwork struct {
	Type   uint8  `json:"type"`
	Plan   uint8  `json:"plan"`
	Digits string `json:"digits"`
}

type jsonTransport struct {
	Context          uint16 `json:"context"`
	ReleaseCall      bool   `json:"release_call"`
	SendNotification bool   `json:"send_notification"`
	NewSequence      bool   `json:"new_sequence"`
	Segments         uint8  `json:"segments"`
	Reference        *uint8 `json:"reference,omitempty"`
	Information      string `json:"information"`
}

// newJSONUserService shows a bearer capability.
func newJSONUserService(u isupbody.UserService) *jsonUserService {
	j := &jsonUserService{
		Coding: u.Coding, Capability: uint8(u.Capability), Mode: u.Mode, Rate: u.Rate,
		Multiplier: u.Multiplier, Rest: hex.EncodeToString(u.Rest),
	}
	for i, l := range u.Layers {
		if l.Present {
			j.Layers = append(j.Layers, jsonLayer{i + 1, l.Protocol, hex.EncodeToString(l.Details)})
		}
	}
	return j
}

func newJSONInstruction(m *isupbody.Message, i isupbody.ParameterInstruction) jsonInstruction {
	j := jsonInstruction{
		Name: i.Name.In(m.Variant()), Code: uint8(i.Name),
		EndNode: i.Instruction.EndNode(), ReleaseCall: i.Instruction.ReleaseCall(),
		SendNotification: i.Instruction.SendNotification(), DiscardMessage: i.Instruction.DiscardMessage(),
		DiscardParameter: i.Instruction.DiscardParameter(), PassOnNotPossible: i.Instruction.PassOnNotPossible(),
	}
	if b, ok := i.Instruction.Broadband(); ok {
		j.Broadband = ptr(b)
	}
	return j
}

func newJSONTransport(a isupbody.ApplicationTransport) jsonTransport {
	j := jsonTransport{
		Context: a.Context, ReleaseCall: a.ReleaseCall, SendNotification: a.SendNotification,
		NewSequence: a.NewSequence, Segments: a.Segments, Information: hex.EncodeToString(a.Information),
	}
	if a.HasReference {
		j.Reference = ptr(a.Reference)
	}
	return j
}
