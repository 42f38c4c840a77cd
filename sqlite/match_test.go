package sqlite_test

import (
	"errors"

	"sipid/router"
)

// These stand for the router's error types in test tables.
var (
	errInvalidClient = errors.New("invalid client")
	errPrefix        = errors.New("prefix conflict")
)

// matches is errors.Is, and errors.As for the two above.
func matches(err, want error) bool {
	var client *router.ClientError
	var prefix *router.PrefixError
	switch want {
	case errInvalidClient:
		return errors.As(err, &client)
	case errPrefix:
		return errors.As(err, &prefix)
	}
	return errors.Is(err, want)
}
