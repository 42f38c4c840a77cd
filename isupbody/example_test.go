package isupbody_test

import (
	"encoding/hex"
	"fmt"

	"sipid/isupbody"
)

func ExampleDecode() {
	octets, _ := hex.DecodeString("010020010a0302070503905961f50a088313758188888808280a0310011000002143658700")
	m, err := isupbody.Decode(octets, isupbody.VariantITU)
	if err != nil {
		fmt.Println(err)
		return
	}
	called, _ := m.CalledPartyNumber()
	original, err := m.OriginalCalledNumber()
	fmt.Println(m.Type(), called.Digits(), called.ST(), original.Digits(), err)
	// Output: IAM 95165 true 1001000012345678 <nil>
}

func ExampleMessage_Parameters() {
	octets, _ := hex.DecodeString("010020010a0302070503905961f5fe0100280403101111280403102222" + "00")
	m, err := isupbody.Decode(octets, isupbody.VariantITU)
	if err != nil {
		fmt.Println(err)
		return
	}
	for p := range m.Parameters {
		fmt.Printf("%-8v %v %x\n", p.Section, p.Name, p.Contents)
	}
	// Output:
	// fixed    nature_of_connection_indicators 00
	// fixed    forward_call_indicators 2001
	// fixed    calling_partys_category 0a
	// fixed    transmission_medium_requirement 03
	// variable called_party_number 03905961f5
	// optional unknown_254 00
	// optional original_called_number 03101111
	// optional original_called_number 03102222
}

func ExampleMessage_AppendReplaced() {
	octets, _ := hex.DecodeString("010020010a0302070503905961f5" + "fe0100" + "280403101111")
	m, err := isupbody.Decode(octets, isupbody.VariantITU)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := isupbody.NewNumber("12345")
	contents, _ := n.AppendContents(nil, isupbody.ParamOriginalCalledNumber)
	edited, err := m.AppendReplaced(nil, isupbody.ParamOriginalCalledNumber, contents)
	fmt.Printf("%x %v\n", edited, err)
	// Output: 010020010a0302070503905961f5fe010028058310214305 <nil>
}

func ExampleIAM() {
	called, _ := isupbody.NewNumber("95165F") // F: no more digits follow
	calling, _ := isupbody.NewNumber("57188888888")
	calling.Screening = isupbody.ScreeningNetwork
	original, _ := isupbody.NewNumber("100100000042")

	iam := isupbody.NewIAM(called)
	for _, err := range []error{
		iam.AddNumber(isupbody.ParamCallingPartyNumber, calling),
		iam.AddNumber(isupbody.ParamOriginalCalledNumber, original),
	} {
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	iam.AddHopCounter(13)
	octets, err := iam.MarshalBinary()
	fmt.Printf("%x %v\n", octets, err)
	// Output: 010020010a0302070503105961f50a088313758188888808280803100110000000243d010d00 <nil>
}

func ExampleDraft() {
	cause := isupbody.Cause{Location: isupbody.LocationUser, Value: 17}
	release := isupbody.Draft{Type: isupbody.MessageREL, Parameters: []isupbody.Parameter{
		{Name: isupbody.ParamCauseIndicators, Contents: cause.AppendContents(nil)},
	}}
	octets, err := release.MarshalBinary()
	fmt.Printf("%x %v\n", octets, err)
	// Output: 0c0200028091 <nil>
}

// A call is refused: busy, said by the network behind this gateway.
func ExampleAppendREL() {
	rel := isupbody.AppendREL(nil, isupbody.Cause{Location: isupbody.LocationBeyondInterworking, Value: 17})
	fmt.Printf("%x\n", rel)
	// Output: 0c0200028a91
}

// Any message is a type and its parameters.
func ExampleDraft_Add() {
	d := isupbody.Draft{Type: isupbody.MessageCPG}
	d.Add(isupbody.ParamEventInformation, isupbody.EventProgress.AppendContents(nil))
	d.Add(isupbody.ParamOptionalBackwardCallIndicators,
		isupbody.OptionalBackwardCall(0).WithInBand(true).AppendContents(nil))
	b, err := d.MarshalBinary()
	fmt.Printf("%x %v\n", b, err)
	// Output: 2c020129010100 <nil>
}
