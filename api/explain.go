package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"sipid/httpjson"
	"sipid/report"
)

// maxQuestion bounds the body of /v1/route/explain: the largest SIP message
// (65535 octets) in base64, with room for the rest.
const maxQuestion = 128 << 10

// maxCapture bounds a capture. Larger ones are for the command line.
const maxCapture = 4 << 20

// serveExplain answers where a call would go, by the code and the client table
// that serve calls. The body is JSON (report.Question), or the SIP message
// itself as message/sip with ?source=ADDRESS, or a capture as
// application/vnd.tcpdump.pcap, which is answered with an array.
func serveExplain(explain func(*report.Question) ([]*report.Explanation, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, err := readQuestion(w, r)
		var tooLong *http.MaxBytesError
		switch {
		case errors.As(err, &tooLong):
			httpjson.Fail(w, http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("at most %d octets are read", tooLong.Limit))
			return
		case errors.Is(err, errMediaType):
			httpjson.Fail(w, http.StatusUnsupportedMediaType, "unsupported_media_type", err.Error())
			return
		case err != nil:
			httpjson.Fail(w, http.StatusBadRequest, "bad_request", err.Error())
			return
		}
		list, err := explain(&q)
		if err != nil {
			httpjson.Fail(w, http.StatusUnprocessableEntity, "not_explainable", err.Error())
			return
		}
		if q.Capture != nil {
			httpjson.Write(w, http.StatusOK, list)
			return
		}
		httpjson.Write(w, http.StatusOK, list[0])
	}
}

// errMediaType means a body that is not read. A web form cannot send the types
// that are, which is one more lock on the door.
var errMediaType = errors.New("content type must be application/json, message/sip or application/vnd.tcpdump.pcap")

// What may be sent besides JSON.
const (
	mediaSIP     = "message/sip"
	mediaCapture = "application/vnd.tcpdump.pcap"
)

func readQuestion(w http.ResponseWriter, r *http.Request) (report.Question, error) {
	var q report.Question
	body := http.MaxBytesReader(w, r.Body, maxQuestion)
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return q, errMediaType
	}
	switch mediaType {
	case mediaSIP:
		q.Source = r.URL.Query().Get("source")
		q.Message, err = io.ReadAll(body)
		return q, err
	case mediaCapture:
		q.Source = r.URL.Query().Get("source")
		q.Capture, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxCapture))
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
