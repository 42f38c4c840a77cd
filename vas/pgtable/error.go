package pgtable

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sipid/vas"
)

// claimError gives a driver's error its reason. The server's text stays behind:
// it may repeat what was asked for. Codes are those of PostgreSQL's appendix A.
func claimError(err error) error {
	var claim *vas.ClaimError
	if errors.As(err, &claim) {
		return claim
	}
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return vas.TransportError(err)
	}
	e := &vas.ClaimError{Reason: vas.ReasonFault, Detail: "SQLSTATE " + server.Code}
	switch {
	case strings.HasPrefix(server.Code, "28"), server.Code == "42501": // authorization, privilege
		e.Reason = vas.ReasonUnauthorized
	case server.Code == "57014": // statement timeout
		e.Reason = vas.ReasonTimeout
	case server.Code == "22003", server.Code == "22P02": // a serial too long for an integer column
		e.Reason = vas.ReasonNotFound
	case strings.HasPrefix(server.Code, "42"), server.Code == "3D000", server.Code == "3F000": // no such table, column, database, schema
		e.Reason = vas.ReasonMapping
	case server.Code == "53300", strings.HasPrefix(server.Code, "57P"): // too many connections, shutting down
		e.Reason = vas.ReasonUnreachable
	}
	return e
}
