package isupbody

// withBits gives the octet with the field of that width, shift bits above bit 1,
// replaced.
func withBits(octet byte, shift, width, v int) byte {
	mask := byte(1<<width-1) << shift
	return octet&^mask | byte(v)<<shift&mask
}

func one(set bool) int {
	if set {
		return 1
	}
	return 0
}
