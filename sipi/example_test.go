package sipi_test

import (
	"errors"
	"fmt"

	"sipid/sipi"
)

// A received body is split by the message's own Content-Type; the parts are
// slices of it.
func ExampleBody_Split() {
	content := []byte("--b1\r\n" +
		"Content-Type: application/sdp\r\n\r\nv=0\r\n\r\n" +
		"--b1\r\n" +
		"Content-Type: application/ISUP;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\x09\x00\r\n" +
		"--b1--\r\n")
	var b sipi.Body
	if err := b.Split(sipi.Headers{ContentType: []byte(`multipart/mixed;boundary="b1"`)}, content); err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range b.Parts {
		fmt.Printf("%v %v at octet %d: %q\n", p.Kind, p.Handling, p.Offset, p.Content)
	}
	version, _ := b.First(sipi.ISUP).Param("version")
	fmt.Printf("version %s\n", version)
	// Output:
	// sdp required at octet 39: "v=0\r\n"
	// isup optional at octet 150: "\t\x00"
	// version itu-t92+
}

// A body that readers could understand in two ways is refused, with the octet.
func ExampleError() {
	content := []byte("--b1\r\nContent-Type: application/sdp\r\nContent-Type: application/isup\r\n\r\nx\r\n--b1--\r\n")
	var b sipi.Body
	err := b.Split(sipi.Headers{ContentType: []byte("multipart/mixed;boundary=b1")}, content)
	fmt.Println(errors.Is(err, sipi.ErrContradictory), err)
	// Output:
	// true sipi: contradictory headers at octet 37 of the body
}

// A PBX that knows no ISUP gets the SDP alone, octet for octet.
func ExampleBody_Unwrap() {
	var b sipi.Body
	boundary := "b1"
	content, _ := sipi.Append(nil, boundary,
		sipi.NewPart{ContentType: sipi.TypeSDP, Content: []byte("v=0\r\n")},
		sipi.NewPart{ContentType: sipi.TypeISUP, Disposition: sipi.SignalRequired, Content: []byte{0x09, 0x00}})
	if err := b.Split(sipi.Headers{ContentType: []byte(sipi.MediaType(boundary))}, content); err != nil {
		fmt.Println(err)
		return
	}
	u, _ := b.Unwrap(nil)
	fmt.Printf("%s: %q\n", u.ContentType, u.Content)
	// Output:
	// application/sdp: "v=0\r\n"
}

// A new body: the SDP first, a boundary that occurs in no part.
func ExampleAppend() {
	parts := []sipi.NewPart{
		{ContentType: sipi.TypeSDP, Content: []byte("v=0\r\n")},
		{ContentType: sipi.TypeISUP, Disposition: sipi.SignalOptional, Content: []byte{0x10, 0x00}},
	}
	boundary := sipi.Boundary(parts...)
	content, err := sipi.Append(nil, boundary, parts...)
	fmt.Println(sipi.MediaType(boundary))
	fmt.Printf("%q %v\n", content, err)
	// Output:
	// multipart/mixed;boundary=sipid-1
	// "--sipid-1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--sipid-1\r\nContent-Type: application/ISUP;version=itu-t92+;base=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\x10\x00\r\n--sipid-1--\r\n" <nil>
}
