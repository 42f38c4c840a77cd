package isupbody_test

import "sipid/isupbody"

// allGetters calls every getter there is.
func allGetters(m *isupbody.Message) []error {
	var errs []error
	add := func(_ any, err error) { errs = append(errs, err) }
	for _, get := range []func() (isupbody.Number, error){
		m.CalledPartyNumber, m.CallingPartyNumber, m.OriginalCalledNumber, m.RedirectingNumber,
		m.RedirectionNumber, m.LocationNumber, m.ConnectedNumber, m.CalledINNumber,
		m.OriginalCalledINNumber, m.CallTransferNumber, m.SubsequentNumber,
		func() (isupbody.Number, error) { return m.GenericNumber(1) },
	} {
		add(get())
	}
	add(m.NatureOfConnection())
	add(m.ForwardCall())
	add(m.CallingPartyCategory())
	add(m.TransmissionMedium())
	add(m.HopCounter())
	add(m.UserToUser())
	add(m.UserServiceInformation())
	add(m.RedirectionInformation())
	add(m.Cause())
	add(m.BackwardCall())
	add(m.OptionalBackwardCall())
	add(m.EventInformation())
	add(m.SuspendResume())
	add(m.UserServiceInformationPrime())
	add(m.UserToUserIndicators())
	add(m.OptionalForwardCall())
	add(m.Continuity())
	add(m.PropagationDelay())
	add(m.TransitNetwork())
	add(m.ApplicationTransport(0))
	add(m.AccessTransport())
	add(m.GenericNotification(0))
	add(m.ParameterCompatibility())
	return errs
}
