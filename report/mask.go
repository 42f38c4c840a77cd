package report

import "strings"

// Mask hides the middle of a number: half of it and at least four digits. Up to
// five digits are a service's or an extension's, not a person's, and stay.
func Mask(number string) string {
	n := len(number)
	if n <= 5 {
		return number
	}
	hidden := max(4, n-5)
	front := (n - hidden + 1) / 2
	return number[:front] + strings.Repeat("*", hidden) + number[front+hidden:]
}

// MaskText masks every number in a text, decimal or in hexadecimal octets; those
// in open are left.
func MaskText(text string, open ...string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && isHex(text[end]) {
			end++
		}
		if end == i {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteString(maskRun(text[i:end], open))
		i = end
	}
	return b.String()
}

// maskRun masks a run of hexadecimal digits, unless it is a word or is open.
func maskRun(run string, open []string) string {
	for _, o := range open {
		if run == o {
			return run
		}
	}
	decimal := 0
	for i := range len(run) {
		if run[i] <= '9' {
			decimal++
		}
	}
	if decimal < 4 {
		return run
	}
	return Mask(run)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
