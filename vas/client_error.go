package vas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
)

// statusError is what a status other than 200 means.
func statusError(status int) *ClaimError {
	e := &ClaimError{Reason: ReasonFault, Detail: fmt.Sprintf("HTTP status %d", status)}
	switch {
	case status == http.StatusNotFound:
		e.Reason = ReasonNotFound
	case status == http.StatusConflict:
		e.Reason = ReasonClaimed
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Reason = ReasonUnauthorized
	case status == http.StatusTooManyRequests:
		e.Reason = ReasonBusy
	case status >= 300 && status < 400:
		e.Reason = ReasonRedirect
	case status >= 200 && status < 300:
		e.Reason = ReasonNotJSON
	}
	return e
}

// TransportError gives an error of a connection its reason, for connectors. The
// driver's own text stays behind: it names the address that was asked, and with
// it the serial.
func TransportError(err error) *ClaimError {
	switch {
	case errors.Is(err, errRedirect):
		return &ClaimError{Reason: ReasonRedirect, Detail: "refused: another host, another method, or too many"}
	case errors.Is(err, errCredentials):
		return &ClaimError{Reason: ReasonCredentials, Detail: "client certificate"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return &ClaimError{Reason: ReasonTimeout}
	}
	if detail, ok := tlsFault(err); ok {
		return &ClaimError{Reason: ReasonTLS, Detail: detail}
	}
	var lookup *net.DNSError
	if errors.As(err, &lookup) {
		return &ClaimError{Reason: ReasonUnreachable, Detail: "name does not resolve"}
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		return &ClaimError{Reason: ReasonUnreachable, Detail: call.Error()}
	}
	return &ClaimError{Reason: ReasonUnreachable, Detail: "connection broke"}
}

// tlsFault names what is wrong with the peer's certificate, or with its TLS.
func tlsFault(err error) (string, bool) {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.As(err, &unknown):
		return "certificate of an unknown authority", true
	case errors.As(err, &name):
		return "certificate for another name", true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "certificate has expired or is not yet valid", true
	case errors.As(err, &verify):
		return "certificate is not valid", true
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "no TLS there", true
	case errors.As(err, &alert):
		return alert.Error(), true
	}
	// An alert of the peer (it wants our certificate, say) comes as the text
	// "remote error: tls: …" in a net.OpError.
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return op.Err.Error(), true
	}
	return "", false
}
