package isupbody

// NatureOfAddress is the nature of address indicator, clause 3.9 b.
type NatureOfAddress uint8

// Natures of address; 6 to 8 are the network routing number forms.
const (
	NatureSubscriber      NatureOfAddress = 1
	NatureUnknown         NatureOfAddress = 2 // national use
	NatureNational        NatureOfAddress = 3 // national (significant) number
	NatureInternational   NatureOfAddress = 4
	NatureNetworkSpecific NatureOfAddress = 5 // national use
)

// String gives the nature in words, or its number.
func (n NatureOfAddress) String() string {
	return named([]string{
		1: "subscriber", 2: "unknown", 3: "national", 4: "international", 5: "network specific",
		6: "network routing, national format", 7: "network routing, network specific format",
		8: "network routing, with called directory number",
	}, uint8(n))
}

// NumberingPlan is the numbering plan indicator, clause 3.9 d.
type NumberingPlan uint8

// Numbering plans.
const (
	PlanUnknown  NumberingPlan = 0
	PlanISDN     NumberingPlan = 1 // E.164
	PlanData     NumberingPlan = 3 // X.121
	PlanTelex    NumberingPlan = 4 // F.69
	PlanPrivate  NumberingPlan = 5
	PlanNational NumberingPlan = 6 // reserved for national use
)

// String gives the plan in words, or its number.
func (p NumberingPlan) String() string {
	return named([]string{
		0: "unknown", 1: "E.164", 3: "X.121", 4: "F.69", 5: "private", 6: "national use",
	}, uint8(p))
}

// Presentation is the address presentation restricted indicator, clause 3.10 e.
type Presentation uint8

// Presentations; 3 is reserved.
const (
	PresentationAllowed      Presentation = 0
	PresentationRestricted   Presentation = 1
	PresentationNotAvailable Presentation = 2
)

// String gives the presentation in words, or its number.
func (p Presentation) String() string {
	return named([]string{0: "allowed", 1: "restricted", 2: "not available"}, uint8(p))
}

// Screening is the screening indicator, clause 3.10 f. Values 0 and 2 occur in
// the generic number only.
type Screening uint8

// Screenings.
const (
	ScreeningUserNotVerified Screening = 0
	ScreeningUserVerified    Screening = 1
	ScreeningUserFailed      Screening = 2
	ScreeningNetwork         Screening = 3
)

// String gives the screening in words, or its number.
func (s Screening) String() string {
	return named([]string{
		0: "user provided, not verified", 1: "user provided, verified and passed",
		2: "user provided, verified and failed", 3: "network provided",
	}, uint8(s))
}
