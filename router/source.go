package router

import (
	"fmt"
	"strconv"
	"strings"
)

// Source is a place in a message where the identity may stand. It is
// X-Identify-Source.
type Source uint8

// The sources, with their names in the configuration.
const (
	SourceNone               Source = iota
	SourceISUPOriginalCalled        // isup-original-called
	SourceISUPRedirecting           // isup-redirecting
	SourceISUPGeneric               // isup-generic
	SourceISUPCalledIN              // isup-called-in
	SourceDiversion                 // diversion
	SourceHistoryInfo               // history-info
	SourceTo                        // to
	SourceUserToUser                // user-to-user
	SourceCalledSuffix              // called-suffix
	SourceCalling                   // calling
)

var sourceNames = [...]string{
	SourceNone:               "",
	SourceISUPOriginalCalled: "isup-original-called",
	SourceISUPRedirecting:    "isup-redirecting",
	SourceISUPGeneric:        "isup-generic",
	SourceISUPCalledIN:       "isup-called-in",
	SourceDiversion:          "diversion",
	SourceHistoryInfo:        "history-info",
	SourceTo:                 "to",
	SourceUserToUser:         "user-to-user",
	SourceCalledSuffix:       "called-suffix",
	SourceCalling:            "calling",
}

// DefaultSources is what a trunk tries when its configuration names none.
func DefaultSources() []Source {
	return []Source{SourceISUPOriginalCalled, SourceDiversion, SourceHistoryInfo}
}

// Sources gives every source.
func Sources() []Source {
	var all []Source
	for s := SourceISUPOriginalCalled; int(s) < len(sourceNames); s++ {
		all = append(all, s)
	}
	return all
}

// ParseSource reads a source's name.
func ParseSource(name string) (Source, error) {
	for s := SourceISUPOriginalCalled; int(s) < len(sourceNames); s++ {
		if sourceNames[s] == name {
			return s, nil
		}
	}
	return SourceNone, fmt.Errorf("identification source %q is unknown, known are %s", name, knownSources())
}

func knownSources() string {
	var names []string
	for _, s := range Sources() {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}

// String gives the value of X-Identify-Source; empty for SourceNone.
func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return "source-" + strconv.Itoa(int(s))
}

// ByAccessID says whether the source gives an access ID and a serial. The others
// find a client by the numbers it calls with, and never vote.
func (s Source) ByAccessID() bool {
	return s >= SourceISUPOriginalCalled && s <= SourceUserToUser
}
