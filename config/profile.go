package config

import (
	"errors"
	"strconv"

	"sipid/router"
)

// profiles reads the header profiles. Their rules are the router's, as it is the
// router that writes headers by them.
func (c *file) profiles(p *problems) []router.Profile {
	list := make([]router.Profile, len(c.Profiles))
	for i := range c.Profiles {
		from := &c.Profiles[i]
		list[i] = router.Profile{
			Name: string(from.Name), Budget: whole(p, "header_profiles["+strconv.Itoa(i)+"].budget", from.Budget, 0, 1, 65535),
		}
		for _, h := range from.Headers {
			list[i].Headers = append(list[i].Headers, router.ProfileHeader{Name: string(h.Name), Value: string(h.Value), Text: string(h.Text)})
		}
	}
	groups := make([]string, len(c.Groups))
	for i := range c.Groups {
		groups[i] = string(c.Groups[i].HeaderProfile)
	}
	var fault *router.FieldError
	for _, err := range router.CheckProfiles(list, groups) {
		if errors.As(err, &fault) {
			p.add(fault.Field, "%s", fault.Rule)
		}
	}
	return list
}
