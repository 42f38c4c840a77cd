package httpjson_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"sipid/httpjson"
)

func TestOnly(t *testing.T) {
	h := httpjson.Only(http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
		httpjson.Write(w, http.StatusOK, "<b>")
	})
	for _, c := range []struct {
		method string
		status int
		body   string
	}{
		{http.MethodGet, http.StatusOK, "\"<b>\"\n"},
		{http.MethodHead, http.StatusOK, "\"<b>\"\n"}, // net/http drops it
		{http.MethodPut, http.StatusMethodNotAllowed, `{"error":{"code":"method_not_allowed","message":"PUT is not possible here, GET is"}}` + "\n"},
	} {
		w := httptest.NewRecorder()
		h(w, httptest.NewRequest(c.method, "/", nil))
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: %d %q", c.method, w.Code, w.Body)
		}
		for name, want := range map[string]string{
			"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", c.method, name, got)
			}
		}
		if allow := w.Header().Get("Allow"); (allow == http.MethodGet) != (c.status == http.StatusMethodNotAllowed) {
			t.Errorf("%s: Allow is %q", c.method, allow)
		}
	}
}
