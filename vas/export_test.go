package vas

// Permuted is permutation.at for a key.
func Permuted(key []byte, digits int) (func(uint64) uint64, error) {
	p, err := newPermutation(key, digits)
	if err != nil {
		return nil, err
	}
	return p.at, nil
}
