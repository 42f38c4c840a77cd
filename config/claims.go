package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"sipid/vas"
)

// MaxClaim is how much of an answer is read; an agent reads less.
const MaxClaim = 32 << 10

// Check reads the tokens, certificates and passwords of the clients that are
// listed, as claims will. A file that cannot be used is an error; a variable
// that is not set here may be set where serve runs, and is a warning.
func (o *Claims) Check() (warnings []string, err error) {
	for _, accessID := range slices.Sorted(maps.Keys(o.Clients)) {
		one := o.Clients[accessID]
		faults := one.HTTP.Check()
		if one.Table != nil {
			_, err := one.Table.Password.Read()
			faults = []error{err}
		}
		for _, fault := range faults {
			switch {
			case errors.Is(fault, vas.ErrUnset):
				warnings = append(warnings, fmt.Sprintf("screenpop: client %s: %v, and without it nothing is claimed", accessID, fault))
			case fault != nil:
				return nil, fmt.Errorf("screenpop: client %s: %w", accessID, fault)
			}
		}
	}
	return warnings, nil
}
