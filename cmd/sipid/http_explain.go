package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// maxQuestion bounds the body of /v1/route/explain: the largest SIP message
// (65535 octets) in base64, with room for the rest.
const maxQuestion = 128 << 10

// serveExplain answers where a call would go, by the code and the client table
// that serve calls. The body is JSON (explainRequest), or the SIP message
// itself as message/sip with ?source=ADDRESS.
func serveExplain(explain func(explainRequest) (*explanation, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, err := readQuestion(w, r)
		var tooLong *http.MaxBytesError
		switch {
		case errors.As(err, &tooLong):
			writeError(w, http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("at most %d octets are read", maxQuestion))
			return
		case errors.Is(err, errMediaType):
			writeError(w, http.StatusUnsupportedMediaType, "unsupported_media_type", err.Error())
			return
		case err != nil:
			writeError(w, http.StatusBadRequest, "bad_request", err.Error())
			return
		}
		e, err := explain(q)
		if err != nil {
			writeError(w, http.StatusUnprocessableEntity, "not_explainable", err.Error())
			return
		}
		writeJSON(w, http.StatusOK, e)
	}
}

// errMediaType means a body that is not read. A web form cannot send the types
// that are, which is one more lock on the door.
var errMediaType = errors.New("content type must be application/json or message/sip")

func readQuestion(w http.ResponseWriter, r *http.Request) (explainRequest, error) {
	var q explainRequest
	body := http.MaxBytesReader(w, r.Body, maxQuestion)
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return q, errMediaType
	}
	switch mediaType {
	case "message/sip":
		q.Source = r.URL.Query().Get("source")
		q.Message, err = io.ReadAll(body)
		return q, err
	case "application/json":
		decoder := json.NewDecoder(body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			return q, fmt.Errorf("JSON: %w", err)
		}
		return q, nil
	}
	return q, errMediaType
}
