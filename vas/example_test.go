package vas_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sipid/sqlite"
	"sipid/vas"
)

// A client system's side: an issue, and the number that the platform calls with.
func ExampleService_Issue() {
	dir, err := os.MkdirTemp("", "vas")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := sqlite.OpenVAS(ctx, filepath.Join(dir, "vas.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	service, err := vas.NewService(ctx, store, vas.Options{AccessID: "1001"})
	if err != nil {
		fmt.Println(err)
		return
	}
	issued, err := service.Issue(ctx, []byte(`{"name":"王小明"}`), 10*time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	iam, err := vas.Carriers{Called: "95165"}.IAM(issued.OriginalCalledNumber)
	data, claimErr := service.Claim(ctx, issued.Serial, vas.Binding{Claimant: "callcentre-1", CallID: "a@b"})
	fmt.Println(len(issued.Serial), issued.OriginalCalledNumber == "1001"+issued.Serial, len(iam), err)
	fmt.Println(string(data), claimErr)
	// Output:
	// 8 true 25 <nil>
	// {"name":"王小明"} <nil>
}

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
