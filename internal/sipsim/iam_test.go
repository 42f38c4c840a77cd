package sipsim_test

import (
	"encoding/hex"
	"testing"

	"sipid/internal/sipsim"
)

func TestIAM(t *testing.T) {
	for _, test := range []struct {
		name string
		call sipsim.Call
		want string
	}{
		{
			"Whole", sipsim.Call{AccessID: "1001", Serial: "00000042", Called: "95165", Calling: "57188888888"},
			"010020010a03 0207 0503105961f5 0a088313758188888808 280803100110 00000024 00",
		},
		{
			"NobodyCalls", sipsim.Call{AccessID: "1001", Serial: "00000042", Called: "95165"},
			"010020010a03 0207 0503105961f5 2808031001100000002400",
		},
		{
			"OddSerial", sipsim.Call{AccessID: "1001", Serial: "0000042", Called: "95165"},
			"010020010a03 0207 0503105961f5 280883100110 00004002 00",
		},
		{
			"International", sipsim.Call{Called: "+4412", Calling: "+861"},
			"010020010a03 0207 05 841044210f 0a04 841368 01 00",
		},
		{
			"CalledAlone", sipsim.Call{Called: "95165"},
			"010020010a03 0200 0503105961f5",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			octets, err := sipsim.IAM(test.call)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(octets); got != squeeze(test.want) {
				t.Errorf("IAM %s, wanted %s", got, squeeze(test.want))
			}
		})
	}
}

func squeeze(s string) string {
	var out []byte
	for i := range len(s) {
		if s[i] != ' ' {
			out = append(out, s[i])
		}
	}
	return string(out)
}
