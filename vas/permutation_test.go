package vas_test

import (
	"bytes"
	"testing"

	"sipid/vas"
)

// Every number comes once: small spaces are gone through whole, of large ones a
// part.
func TestPermutationIsOneToOne(t *testing.T) {
	for digits, count := range map[int]uint64{4: 10_000, 5: 100_000, 6: 20_000, 7: 20_000, 8: 20_000, 17: 20_000, 18: 20_000} {
		at, err := vas.Permuted(bytes.Repeat([]byte{7}, 32), digits)
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[uint64]bool, count)
		for n := range count {
			v := at(n)
			if v >= vas.SpaceSize(digits) || seen[v] {
				t.Fatalf("%d digits: %d gives %d, which is too large or was there", digits, n, v)
			}
			seen[v] = true
		}
	}
}

// What follows a serial cannot be told from it: neighbours lie anywhere, the
// digits are evenly spread, and another key gives another order.
func TestPermutationLooksRandom(t *testing.T) {
	const digits, count = 8, 20_000
	at, err := vas.Permuted(bytes.Repeat([]byte{7}, 32), digits)
	if err != nil {
		t.Fatal(err)
	}
	other, err := vas.Permuted(append(bytes.Repeat([]byte{7}, 31), 8), digits)
	if err != nil {
		t.Fatal(err)
	}
	var spread [digits][10]int
	steps, same := map[uint64]int{}, 0
	for n := range uint64(count) {
		v := at(n)
		steps[(at(n+1)-v)%vas.SpaceSize(digits)]++
		if other(n) == v {
			same++
		}
		for place := range digits {
			spread[place][v%10]++
			v /= 10
		}
	}
	for step, times := range steps {
		if times > 4 { // of 20 000 in a space of 100 000 000 the same step comes twice at times
			t.Errorf("the step %d comes %d times", step, times)
		}
	}
	if same > 3 {
		t.Errorf("two keys agree on %d of %d", same, count)
	}
	for place, counts := range spread {
		for digit, n := range counts {
			if n < 1_780 || n > 2_220 { // 2000; five standard deviations are 212
				t.Errorf("place %d has the digit %d %d times of %d", place, digit, n, count)
			}
		}
	}
}

func TestSerialKey(t *testing.T) {
	for serial, want := range map[string]int64{
		"0000": 10_000, "00000042": 100_000_042, "99999999": 199_999_999, "999999999999999999": 1_999_999_999_999_999_999,
	} {
		key, ok := vas.SerialKey(serial)
		if !ok || key != want || vas.SerialOf(key) != serial {
			t.Errorf("SerialKey(%s) = %d, %v; back: %s", serial, key, ok, vas.SerialOf(key))
		}
	}
	for _, serial := range []string{"", "042", "0000000000000000000", "0000004x", "+0000042", "٠٠٠٠"} {
		if key, ok := vas.SerialKey(serial); ok {
			t.Errorf("SerialKey(%q) = %d", serial, key)
		}
	}
}

func BenchmarkPermutation(b *testing.B) {
	at, err := vas.Permuted(make([]byte, 32), 8)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		at(n)
		n++
	}
}
