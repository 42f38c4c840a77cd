// Package sipi splits, unwraps and builds SIP-I bodies: the multipart/mixed
// body that carries an SDP part and a binary application/ISUP part (RFC 3204,
// RFC 5621, ITU-T Q.1912.5 profile C).
//
// Start with [Body.Split]. It divides a received body into parts that are
// sub-slices of the octets it was given; nothing is copied and nothing is
// decoded. [Body.Unwrap] then says which body an agent PBX gets. [Append]
// builds a new multipart body.
//
// Split is a strict reader. Where two readers of the same octets could see
// different parts it returns an error, as a wrong name is worse than none. The
// call still goes on: Unwrap isolates the SDP even after an error where exactly
// one SDP part can be found.
//
// What it is not: it knows nothing of ISUP (package isupbody), of SIP headers
// and of their writing (package sipmsg), and of who may see which body (package
// proxy). It never inflates, and decodes text only for a trunk that is said to
// send it ([Body.ISUPAs]).
package sipi
