package locator

import "time"

// Hurry makes answers grow old sooner.
func (l *Locator) Hurry(shortest time.Duration) { l.shortest = shortest }
