package isupbody

import (
	"io"
	"strconv"
)

// GenericNotification is the generic notification indicator, clause 3.25: one
// notification an octet, bit 8 set in the last.
//
//	   8    7   6   5   4   3   2   1
//	+-----+---------------------------+
//	| ext |  notification indicator   |
//	+-----+---------------------------+
type GenericNotification []byte

// Notification is one notification indicator.
type Notification uint8

// Notifications, as in the notification indicator of Q.931 and its supplementary
// services.
const (
	NotificationUserSuspended          Notification = 0x00
	NotificationUserResumed            Notification = 0x01
	NotificationBearerServiceChange    Notification = 0x02
	NotificationExtension              Notification = 0x03 // ASN.1 follows, DSS1 only
	NotificationCallCompletionDelay    Notification = 0x04
	NotificationConferenceEstablished  Notification = 0x42
	NotificationConferenceDisconnected Notification = 0x43
	NotificationOtherPartyAdded        Notification = 0x44
	NotificationIsolated               Notification = 0x45
	NotificationReattached             Notification = 0x46
	NotificationOtherPartyIsolated     Notification = 0x47
	NotificationOtherPartyReattached   Notification = 0x48
	NotificationOtherPartySplit        Notification = 0x49
	NotificationOtherPartyDisconnected Notification = 0x4A
	NotificationConferenceFloating     Notification = 0x4B
	NotificationCallWaiting            Notification = 0x60
	NotificationDiversionActivated     Notification = 0x68
	NotificationTransferAlerting       Notification = 0x69
	NotificationTransferActive         Notification = 0x6A
	NotificationRemoteHold             Notification = 0x79
	NotificationRemoteRetrieval        Notification = 0x7A
	NotificationCallDiverting          Notification = 0x7B
)

// GenericNotification is the nth generic notification indicator, counted from 0,
// clause 3.25. A message may have several.
func (m *Message) GenericNotification(nth int) (GenericNotification, error) {
	p, ok := m.Find(ParamGenericNotificationIndicator, nth)
	if !ok {
		return nil, ErrAbsent
	}
	g, err := p.GenericNotification()
	if err != nil {
		err = m.short(p)
	}
	return g, err
}

// GenericNotification reads the contents as a generic notification indicator; the
// name is not looked at. The last octet may lack bit 8.
func (p Parameter) GenericNotification() (GenericNotification, error) {
	if len(p.Contents) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return GenericNotification(p.Contents[:min(extended(p.Contents), len(p.Contents))]), nil
}

// Notifications yields the notifications in wire order.
func (g GenericNotification) Notifications(yield func(Notification) bool) {
	for _, octet := range g {
		if !yield(Notification(octet&0x7F)) || octet&0x80 != 0 {
			return
		}
	}
}

// Append appends one notification as the last.
func (g GenericNotification) Append(n Notification) GenericNotification {
	if last := len(g) - 1; last >= 0 {
		g[last] &= 0x7F
	}
	return append(g, 0x80|byte(n))
}

// AppendContents appends the parameter's contents.
func (g GenericNotification) AppendContents(dst []byte) []byte { return append(dst, g...) }

// String gives the notification in words, or its number.
func (n Notification) String() string {
	for _, known := range notificationNames {
		if known.n == n {
			return known.words
		}
	}
	return strconv.Itoa(int(n))
}

// notificationNames is read only.
var notificationNames = [...]struct {
	n     Notification
	words string
}{
	{NotificationUserSuspended, "user suspended"},
	{NotificationUserResumed, "user resumed"},
	{NotificationBearerServiceChange, "bearer service change"},
	{NotificationExtension, "extension"},
	{NotificationCallCompletionDelay, "call completion delay"},
	{NotificationConferenceEstablished, "conference established"},
	{NotificationConferenceDisconnected, "conference disconnected"},
	{NotificationOtherPartyAdded, "other party added"},
	{NotificationIsolated, "isolated"},
	{NotificationReattached, "reattached"},
	{NotificationOtherPartyIsolated, "other party isolated"},
	{NotificationOtherPartyReattached, "other party reattached"},
	{NotificationOtherPartySplit, "other party split"},
	{NotificationOtherPartyDisconnected, "other party disconnected"},
	{NotificationConferenceFloating, "conference floating"},
	{NotificationCallWaiting, "call is a waiting call"},
	{NotificationDiversionActivated, "diversion activated"},
	{NotificationTransferAlerting, "call transfer, alerting"},
	{NotificationTransferActive, "call transfer, active"},
	{NotificationRemoteHold, "remote hold"},
	{NotificationRemoteRetrieval, "remote retrieval"},
	{NotificationCallDiverting, "call is diverting"},
}
