package isupbody_test

import (
	"testing"

	"sipid/isupbody"
)

// typicalIAM is vector A: called number with ST, calling number, original called
// number of 16 digits.
const typicalIAM = "010020010a0302070503905961f50a088313758188888808280a0310011000002143658700"

func BenchmarkDecodeOriginalCalledNumber(b *testing.B) {
	iam := unhex(b, typicalIAM)
	var digits [64]byte
	b.ReportAllocs()
	b.SetBytes(int64(len(iam)))
	for b.Loop() {
		m, err := isupbody.Decode(iam, isupbody.VariantITU)
		if err != nil {
			b.Fatal(err)
		}
		n, err := m.OriginalCalledNumber()
		if err != nil {
			b.Fatal(err)
		}
		if len(n.AppendDigits(digits[:0])) != 16 {
			b.Fatal("digits are missing")
		}
	}
}

func BenchmarkAppendReplaced(b *testing.B) {
	m, err := isupbody.Decode(unhex(b, typicalIAM), isupbody.VariantITU)
	if err != nil {
		b.Fatal(err)
	}
	contents := unhex(b, "0310100132")
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.AppendReplaced(dst, isupbody.ParamOriginalCalledNumber, contents); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIAMAppendBinary(b *testing.B) {
	var iam isupbody.IAM
	if err := iam.UnmarshalBinary(unhex(b, typicalIAM)); err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := iam.AppendBinary(dst); err != nil {
			b.Fatal(err)
		}
	}
}
