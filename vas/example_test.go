package vas_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"sipid/vas"
)

// The call centre's side: the data of a call's serial, or why there is none.
func ExampleClient_Claim() {
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if !strings.Contains(r.URL.Path, "00000042") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `{"data":{"name":"Wang","menu":"0"}}`)
	}))
	defer system.Close()

	client, err := vas.NewClient(vas.ClientConfig{Endpoint: system.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for _, serial := range []string{"00000042", "00000043"} {
		data, err := client.Claim(context.Background(), vas.Query{Serial: serial, CallID: "a@b"})
		fmt.Println(string(data), err)
	}
	// Output:
	// {"name":"Wang","menu":"0"} <nil>
	//  claim: not_found: HTTP status 404
}
