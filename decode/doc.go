// Package decode shows people what is in ISUP messages, wherever they are:
// hexadecimal digits, SIP messages, captures. It reads loosely what serve
// refuses, and says what is odd. Arguments is all of "sipid decode"; Capture reads
// captures for others, Name and Meaning put a parameter into words.
//
// The octets are read by isupbody, sipi and sipmsg. What a call was decided by is
// shown by report.
package decode
