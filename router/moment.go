package router

import (
	"fmt"
	"time"
)

// Moment is the begin or the end of a client's validity: a day, as the clock on
// the wall of the machine counts days, or an instant. The zero value is open.
//
// It is one word, as a million clients have two each: seconds since 1970 UTC
// above the lowest bit, which is set where they are the midnight of a day.
type Moment int64

const momentDay Moment = 1

// ParseMoment reads a day, "2026-12-31", or an instant of RFC 3339,
// "2026-12-31T18:00:00+08:00". Empty is open.
func ParseMoment(text string) (Moment, error) {
	if text == "" {
		return 0, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil && day.Unix() > 0 {
		return Moment(day.Unix()<<1) | momentDay, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Unix() <= 0 {
		return 0, fmt.Errorf("%q is neither a day like 2026-12-31 nor a time like 2026-12-31T18:00:00+08:00", clip(text))
	}
	return Moment(at.Unix() << 1), nil
}

// String gives what ParseMoment reads, an instant in UTC.
func (m Moment) String() string {
	switch at := time.Unix(int64(m>>1), 0).UTC(); {
	case m == 0:
		return ""
	case m&momentDay != 0:
		return at.Format(time.DateOnly)
	default:
		return at.Format(time.RFC3339)
	}
}

// MarshalText is String.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is ParseMoment.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMoment(string(text))
	return err
}

// reached says whether now is m or later. A day begins at its midnight.
func (m Moment) reached(now time.Time) bool {
	return m.seconds(now) >= int64(m>>1)
}

// over says whether now is behind m as an end. A day ends with its last second,
// an instant is over when it is reached.
func (m Moment) over(now time.Time) bool { return m.seconds(now) >= m.end() }

// end is the second that m as an end does not hold any more.
func (m Moment) end() int64 {
	const day = 24 * 60 * 60
	return int64(m>>1) + int64(m&momentDay)*day
}

// before says whether m as an end leaves nothing of a validity that begins with
// from. A day and an instant are compared for the time zone that leaves most.
func (m Moment) before(from Moment) bool {
	const zones = 14 * 60 * 60
	end := m.end()
	if m&momentDay != from&momentDay {
		end += zones
	}
	return end <= int64(from>>1)
}

// seconds is now as m counts: for days, what the wall's clock shows.
func (m Moment) seconds(now time.Time) int64 {
	if m&momentDay == 0 {
		return now.Unix()
	}
	_, offset := now.Zone()
	return now.Unix() + int64(offset)
}
