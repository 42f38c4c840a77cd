// Package isupbody reads, edits and writes ISUP messages as SIP-I carries
// them: ITU-T Q.763 from the message type octet on, without routing label and
// circuit identification code (RFC 3204 section 3.1).
//
// Start with [Decode]. It checks the skeleton of a message (fixed part,
// pointers, optional part) and gives a [Message], a view over the caller's
// octets: nothing is copied and nothing allocated. Typed getters such as
// [Message.OriginalCalledNumber] read single parameters; [Message.Parameters]
// lists all of them in wire order, repeated and unknown ones included.
//
// A received message is edited by splicing: [Message.AppendReplaced],
// [Message.AppendInserted] and [Message.AppendRemoved] change one parameter,
// recompute the pointers, and leave every other octet where and as it came.
// New messages are written with [IAM] or, for every type, [Draft]; what a gateway
// says on the way back has functions of its own, [AppendACM] and its like.
//
// A parameter's contents are read by a method of [Parameter], of the first of a
// name by a method of [Message], and every type that comes out has AppendContents
// to be written again. docs/isup-coverage.md lists all of them.
//
// The package reads leniently, because carriers' switches do not agree on the
// details: octets between the parts, octets behind the message, a missing
// end-of-optional-parameters octet, fillers other than 0 and unknown
// parameters are all accepted. It writes strictly.
//
// What is not here: finding the ISUP part in a SIP body (package sipi), which
// number identifies whom (package router), timers and call states (Q.764).
// It imports the standard library only.
package isupbody
