package sipsim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Script says how a PBX treats a call. The zero value rings and answers at
// once: 100, 180, 200.
type Script struct {
	NoTrying    bool          // send no 100
	NoRinging   bool          // send no 180
	RingAfter   time.Duration // from the INVITE to the 180
	AnswerAfter time.Duration // from the 180 to the final response
	Status      int           // of the final response; 0: 200
	NoAnswer    bool          // ring and never answer
	Silent      bool          // send nothing at all
	HangUpAfter time.Duration // from the ACK to a BYE of the PBX; 0: never

	// AnswerOnCancel answers the INVITE with 200 when a CANCEL comes, as if the
	// two had crossed on the wire.
	AnswerOnCancel bool
	// Headers are lines "Name: value" added to every response to the INVITE
	// but 100.
	Headers []string
	// Body gives content type and body of a response to the INVITE, by status;
	// an empty type keeps what the PBX would send (SDP in a 200).
	Body func(status int) (contentType string, body []byte)
}

// scripts are the behaviours that have a name, for command lines.
func scripts() []struct {
	name, what string
	script     Script
} {
	return []struct {
		name, what string
		script     Script
	}{
		{"answer", "180, then 200", Script{}},
		{"back-to-back", "180 and 200 in two packets at once", Script{NoTrying: true}},
		{"slow", "180 after 2 s, 200 3 s later", Script{RingAfter: 2 * time.Second, AnswerAfter: 3 * time.Second}},
		{"busy", "486", Script{NoRinging: true, Status: 486}},
		{"unavailable", "503", Script{NoRinging: true, Status: 503}},
		{"no-answer", "180 and nothing more", Script{NoAnswer: true}},
		{"silent", "nothing, not even 100", Script{Silent: true}},
	}
}

// NamedScript finds a script by the name users type.
func NamedScript(name string) (Script, error) {
	for _, s := range scripts() {
		if s.name == name {
			return s.script, nil
		}
	}
	return Script{}, fmt.Errorf("no behaviour is called %q; there are %s", name, ScriptNames())
}

// ScriptNames lists the named scripts with what they send.
func ScriptNames() string {
	var names []string
	for _, s := range scripts() {
		names = append(names, s.name+" ("+s.what+")")
	}
	return strings.Join(names, ", ")
}

// status is the final response of this script.
func (s Script) status() int {
	if s.Status == 0 {
		return 200
	}
	return s.Status
}

// ReasonPhrase is RFC 3261's phrase for a status (section 21).
func ReasonPhrase(status int) string {
	switch status {
	case 100:
		return "Trying"
	case 180:
		return "Ringing"
	case 183:
		return "Session Progress"
	case 480:
		return "Temporarily Unavailable"
	case 481:
		return "Call/Transaction Does Not Exist"
	case 482:
		return "Loop Detected"
	case 486:
		return "Busy Here"
	case 487:
		return "Request Terminated"
	case 488:
		return "Not Acceptable Here"
	case 503:
		return "Service Unavailable"
	case 600:
		return "Busy Everywhere"
	case 603:
		return "Decline"
	}
	if phrase := http.StatusText(status); phrase != "" {
		return phrase
	}
	return "Status"
}
