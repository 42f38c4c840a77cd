package main

// DecodeCommand lets the external tests run the command without the rest.
var DecodeCommand = decodeCommand
